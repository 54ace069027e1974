import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { ProbeEnvironment } from './environment.ts'
import { createProbe } from './probe.ts'
import type { Probe, ProbeOptions } from './probe-types.ts'
import { mediaSample } from './testing/media.ts'
import { addElement, place } from './testing/page.ts'
import { type FakeReporter, fakeReporter } from './testing/reporter.ts'
import type { Report } from './types.ts'

const ENDPOINT = 'https://reporter.example.com'

let reporter: FakeReporter
let probes: Probe[]
let warned: ReturnType<typeof vi.spyOn>
const recorder = navigator as Navigator & { notifyReady?: () => void }

const start = (options: Partial<ProbeOptions> = {}, environment: Partial<ProbeEnvironment> = {}): Probe => {
  const probe = createProbe(
    { endpoint: ENDPOINT, token: 't', ...options },
    { fetch: reporter.fetch, beacon: () => true, random: () => 0, ...environment },
  )
  probes.push(probe)
  return probe
}

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms)
const last = (): Report => reporter.kept.at(-1) as Report

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
  warned = vi.spyOn(console, 'warn').mockImplementation(() => {})
  reporter = fakeReporter()
  probes = []
})

afterEach(() => {
  for (const probe of probes) probe.stop()
  document.body.replaceChildren()
  sessionStorage.clear()
  delete recorder.notifyReady
  vi.useRealTimers()
  vi.restoreAllMocks()
})

describe('without a token', () => {
  it('does nothing at all, and every call is harmless', async () => {
    const listened = vi.spyOn(window, 'addEventListener')
    const probe = start({ token: undefined, expect: ['#board'] })
    probe.on('loaded', () => {})()
    probe.note({ slide: 1 })
    await pass(60_000)
    expect(reporter.tries).toEqual([])
    expect(vi.getTimerCount()).toBe(0)
    expect(listened).not.toHaveBeenCalled()
    expect(sessionStorage).toHaveLength(0)
    expect(probe.state.phase).toBe('dormant')
    probe.stop()
    expect(probe.state.phase).toBe('dormant')
  })
})

it('imported on a server, it sleeps', () => {
  vi.stubGlobal('window', undefined)
  try {
    expect(createProbe({ endpoint: ENDPOINT, token: 't' }).state.phase).toBe('dormant')
  } finally {
    vi.unstubAllGlobals()
  }
  expect(warned).not.toHaveBeenCalled()
})

describe('hello', () => {
  it('goes out at once and says what the page is like', async () => {
    start({ expect: ['#board'], media: ['video'] })
    await pass(0)
    expect(reporter.kept).toEqual([
      {
        v: 1,
        token: 't',
        type: 'hello',
        page: expect.stringMatching(/^[0-9a-z]{8,}$/),
        seq: 1,
        at: expect.any(Number),
        checks: [{ name: '#board', ok: false, detail: 'no element matches' }],
        media: [{ name: 'video', ok: false, time: 0, frames: 0, detail: 'no element matches' }],
        visible: true,
        late: 0,
        errors: 0,
        missed: 0,
      },
    ])
  })

  it('goes to the endpoint, whether or not it ends in a slash', async () => {
    const fetch = vi.fn(reporter.fetch)
    for (const endpoint of [ENDPOINT, `${ENDPOINT}/`, `${ENDPOINT}/base/`]) start({ endpoint }, { fetch })
    await pass(0)
    expect(fetch.mock.calls.map(([url]) => url)).toEqual([
      `${ENDPOINT}/v1/reports`,
      `${ENDPOINT}/v1/reports`,
      `${ENDPOINT}/base/v1/reports`,
    ])
  })

  it('tells the page what the reporter answered, once', async () => {
    const hello = vi.fn()
    start().on('hello', hello)
    await pass(30_000)
    expect(hello).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ sid: 'sid1', attempt: 1 }))
  })

  it('takes the token from the URL', async () => {
    history.replaceState(null, '', '/room?stillrolling=from-url')
    start({ token: undefined })
    history.replaceState(null, '', '/room')
    await pass(0)
    expect(last().token).toBe('from-url')
  })

  it('names another page in each document', async () => {
    start()
    start()
    await pass(0)
    expect(new Set(reporter.kept.map((report) => report.page)).size).toBe(2)
  })
})

describe('loaded', () => {
  it('comes when every expectation was met twice in a row, once', async () => {
    const loaded = vi.fn()
    const probe = start({ expect: ['#board'] })
    probe.on('loaded', loaded)
    await pass(1000)
    expect(reporter.types).toEqual(['hello'])
    addElement('div', 'board')
    await pass(250)
    expect(probe.state.phase).toBe('loading')
    await pass(250)
    expect(reporter.types).toEqual(['hello', 'loaded'])
    expect(last()).toMatchObject({ seq: 2, sid: 'sid1', checks: [{ name: '#board', ok: true }] })
    document.body.replaceChildren()
    await pass(5000)
    addElement('div', 'board')
    await pass(5000)
    expect(loaded).toHaveBeenCalledOnce()
    expect(reporter.types.filter((type) => type === 'loaded')).toHaveLength(1)
  })

  it('does not come when an expectation is met only now and then', async () => {
    start({ expect: ['#board'] })
    for (let i = 0; i < 4; i++) {
      const board = addElement('div', 'board')
      await pass(250)
      board.remove()
      await pass(250)
    }
    expect(reporter.types).toEqual(['hello'])
  })

  it('waits for expectations that the recording adds, beside those of the page', async () => {
    reporter.always = { expect: ['#board', '#clock'], media: ['video'] }
    addElement('div', 'board')
    const probe = start({ expect: ['#board'] })
    await pass(2000)
    expect(probe.state.phase).toBe('loading')
    expect(probe.state.checks.map(({ name, ok }) => [name, ok])).toEqual([
      ['#board', true],
      ['#clock', false],
    ])
    expect(probe.state.media).toMatchObject([{ name: 'video', ok: false }])
  })

  it('does not come before the reporter could name its expectations', async () => {
    reporter.next = ['silence']
    addElement('div', 'board')
    const probe = start({ expect: ['#board'] })
    await pass(9999)
    expect(probe.state.phase).toBe('loading')
    await pass(1000)
    expect(probe.state.phase).toBe('loaded')
  })

  it('comes without the reporter, and is delivered when it is back', async () => {
    reporter.always = 'offline'
    recorder.notifyReady = vi.fn()
    addElement('div', 'board')
    start({ expect: ['#board'] })
    await pass(500)
    expect(recorder.notifyReady).toHaveBeenCalledOnce()
    await pass(60_000)
    reporter.always = {}
    await pass(30_000)
    expect(reporter.types.slice(0, 2)).toEqual(['hello', 'loaded'])
    expect(
      reporter.kept.map((report) => report.missed).reduce((sum, missed) => sum + missed),
    ).toBeGreaterThan(0)
  })

  it('waits for media to play', async () => {
    addElement('video', 'teacher')
    let frames = 0
    const probe = start({ media: ['video'] }, { sample: (_, at) => mediaSample({ at, frames, time: 1 }) })
    await pass(1000)
    expect(probe.state.media[0]).toMatchObject({ ok: false, detail: 'not yet seen to advance' })
    for (let i = 0; i < 4; i++) {
      frames++
      await pass(250)
    }
    expect(probe.state.phase).toBe('loaded')
    expect(last()).toMatchObject({ type: 'loaded', media: [{ name: 'video', ok: true, time: 1 }] })
  })
})

describe('notifyReady', () => {
  it('is not called before the page is loaded', async () => {
    recorder.notifyReady = vi.fn()
    start({ expect: ['#board'] })
    await pass(60_000)
    expect(recorder.notifyReady).not.toHaveBeenCalled()
  })

  it('is looked for again at each tick and called once', async () => {
    const probe = start()
    await pass(5000)
    expect(probe.state).toMatchObject({ phase: 'loaded', notified: false })
    recorder.notifyReady = vi.fn()
    await pass(1000)
    expect(probe.state.notified).toBe(true)
    await pass(30_000)
    expect(recorder.notifyReady).toHaveBeenCalledOnce()
  })

  it('is called once even if it throws, which the page is told', async () => {
    const fault = new Error('recorder is broken')
    recorder.notifyReady = vi.fn(() => {
      throw fault
    })
    const error = vi.fn()
    start().on('error', error)
    await pass(30_000)
    expect(recorder.notifyReady).toHaveBeenCalledOnce()
    expect(error).toHaveBeenCalledExactlyOnceWith(fault)
    expect(reporter.types).toContain('heartbeat')
  })

  it('is called although the reporter refuses this page', async () => {
    reporter.always = 401
    recorder.notifyReady = vi.fn()
    start()
    await pass(1000)
    expect(recorder.notifyReady).toHaveBeenCalledOnce()
  })

  it('is not called in a page that another attempt has superseded', async () => {
    reporter.always = 410
    recorder.notifyReady = vi.fn()
    start()
    await pass(30_000)
    expect(recorder.notifyReady).not.toHaveBeenCalled()
  })
})

describe('heartbeats', () => {
  it('come at the interval that the reporter asks for, with the sid', async () => {
    reporter.always = { interval: 4 }
    start()
    await pass(500)
    expect(reporter.types).toEqual(['hello', 'loaded'])
    await pass(12_000)
    const beats = reporter.kept.slice(2)
    expect(beats.map(({ type, sid }) => [type, sid])).toEqual(Array(3).fill(['heartbeat', 'sid1']))
    expect(beats.map(({ at }, i) => at - (beats[i - 1]?.at ?? at - 4000))).toEqual([4000, 4000, 4000])
  })

  it('come every 10 s as long as the reporter has not said more', async () => {
    reporter.next = [503]
    start({ expect: ['#board'] })
    await pass(0)
    expect(reporter.tries).toHaveLength(1)
    await pass(20_500)
    expect(reporter.types).toEqual(['hello', 'heartbeat', 'heartbeat'])
  })

  it('come before the page is loaded too and say what is missing', async () => {
    reporter.always = { interval: 2 }
    start({ expect: ['#board'] })
    await pass(4500)
    expect(reporter.types).toEqual(['hello', 'heartbeat', 'heartbeat'])
    expect(last().checks).toEqual([{ name: '#board', ok: false, detail: 'no element matches' }])
  })

  it('tell the page when they are kept', async () => {
    const heartbeat = vi.fn()
    start().on('heartbeat', heartbeat)
    await pass(11_000)
    expect(heartbeat).toHaveBeenCalledExactlyOnceWith(last())
  })

  it('come at once when a check turns, either way', async () => {
    const board = addElement('div', 'board')
    const check = vi.fn()
    start({ expect: ['#board'] }).on('check', check)
    await pass(1250)
    board.remove()
    await pass(1000)
    expect(reporter.types).toEqual(['hello', 'loaded', 'heartbeat'])
    expect(last().checks).toMatchObject([{ ok: false }])
    addElement('div', 'board')
    await pass(1000)
    expect(last().checks).toEqual([{ name: '#board', ok: true }])
    expect(check.mock.calls.map(([{ ok }]) => ok)).toEqual([false, true])
    await pass(9000)
    expect(reporter.kept).toHaveLength(4)
  })

  it('come at once when a medium stops', async () => {
    addElement('video', 'teacher')
    let running = true
    let frames = 0
    const sample = (_: Element, at: number) =>
      mediaSample({ at, frames: running ? ++frames : frames, time: 1 })
    start({ media: ['video'], stall: 2 }, { sample })
    await pass(2000)
    running = false
    await pass(4000)
    expect(reporter.types).toEqual(['hello', 'loaded', 'heartbeat'])
    expect(last().media[0]).toMatchObject({
      ok: false,
      detail: 'stalled: no progress for 2 s (readyState 4)',
    })
  })

  it('keep each turned check while the reporter is away, in order', async () => {
    addElement('div', 'board')
    start({ expect: ['#board'] })
    await pass(500)
    reporter.always = 'offline'
    document.body.replaceChildren()
    await pass(1000)
    addElement('div', 'board')
    await pass(30_000)
    reporter.always = {}
    await pass(30_000)
    const told = reporter.kept.slice(2, 4)
    expect(told.map(({ type, checks }) => [type, checks[0]?.ok])).toEqual([
      ['heartbeat', false],
      ['heartbeat', true],
    ])
  })

  it('count the errors of the page and failed loads', async () => {
    start()
    await pass(500)
    window.dispatchEvent(new Event('error'))
    window.dispatchEvent(new Event('unhandledrejection'))
    addElement('img', 'logo').dispatchEvent(new Event('error'))
    await pass(11_000)
    expect(last().errors).toBe(3)
  })

  it('tell how late the tick was, and that the document is hidden', async () => {
    let lost = 0
    const clock = {
      now: () => performance.now() + lost,
      setTimeout: window.setTimeout,
      clearTimeout: window.clearTimeout,
    }
    start({}, { clock })
    await pass(500)
    vi.spyOn(document, 'visibilityState', 'get').mockReturnValue('hidden')
    lost = 12_000
    await pass(1000)
    expect(last()).toMatchObject({ type: 'heartbeat', late: 12_000, visible: false })
  })

  it('do not take time in which nothing ran for a stall', async () => {
    addElement('video', 'teacher')
    let lost = 0
    let frames = 0
    const clock = {
      now: () => performance.now() + lost,
      setTimeout: window.setTimeout,
      clearTimeout: window.clearTimeout,
    }
    const probe = start(
      { media: ['video'] },
      { clock, sample: (_, at) => mediaSample({ at, frames: lost ? frames : ++frames, time: 1 }) },
    )
    await pass(2000)
    lost = 60_000
    await pass(2000)
    expect(probe.state.media).toMatchObject([{ ok: true }])
    await pass(3000)
    expect(probe.state.media).toMatchObject([{ ok: false }])
  })
})

describe('expectations that come after loaded', () => {
  it('raise no alarm about media that play, and tell at once what is missing', async () => {
    addElement('video', 'teacher')
    let frames = 0
    reporter.next = [503]
    reporter.always = { media: ['video'], expect: ['#clock'] }
    const probe = start({}, { sample: (_, at) => mediaSample({ at, frames: ++frames }) })
    await pass(500)
    expect(probe.state.phase).toBe('loaded')
    await pass(2000)
    expect(reporter.types).toEqual(['hello', 'loaded', 'heartbeat'])
    expect(last()).toMatchObject({ checks: [{ name: '#clock', ok: false }], media: [{ ok: true }] })
  })
})

describe('the end', () => {
  it('superseded: falls silent, and the page is told', async () => {
    const superseded = vi.fn()
    const probe = start()
    probe.on('superseded', superseded)
    await pass(500)
    reporter.always = 410
    await pass(10_000)
    const tries = reporter.tries.length
    expect(superseded).toHaveBeenCalledOnce()
    expect(probe.state).toMatchObject({ phase: 'superseded', sending: false })
    expect(vi.getTimerCount()).toBe(0)
    await pass(60_000)
    expect(reporter.tries).toHaveLength(tries)
    probe.stop()
    expect(probe.state.phase).toBe('superseded')
  })

  it('refused: sends nothing more, watches on, and the page is told', async () => {
    reporter.always = 401
    const error = vi.fn()
    const probe = start({ expect: ['#board'] })
    probe.on('error', error)
    addElement('div', 'board')
    await pass(60_000)
    expect(reporter.tries).toHaveLength(1)
    expect(probe.state).toMatchObject({ phase: 'loaded', sending: false })
    expect(error).toHaveBeenCalledOnce()
    expect(error.mock.calls[0]?.[0].message).toContain('HTTP 401')
    expect(warned).toHaveBeenCalledOnce()
  })

  it('stop: ends timers, listeners and requests', async () => {
    const added = vi.spyOn(window, 'addEventListener')
    const removed = vi.spyOn(window, 'removeEventListener')
    reporter.next = ['silence']
    const probe = start()
    await pass(500)
    probe.stop()
    await pass(60_000)
    expect(vi.getTimerCount()).toBe(0)
    expect(reporter.tries).toHaveLength(1)
    expect(removed.mock.calls).toEqual(added.mock.calls)
    expect(probe.state.phase).toBe('stopped')
  })

  it('bye goes out by beacon when the document goes away', async () => {
    const beacon = vi.fn((_url: string, _body: string) => true)
    start({}, { beacon })
    await pass(500)
    window.dispatchEvent(new Event('pagehide'))
    await pass(60_000)
    expect(beacon).toHaveBeenCalledOnce()
    const [url, body] = beacon.mock.calls[0] ?? []
    expect(url).toBe(`${ENDPOINT}/v1/reports`)
    expect(JSON.parse(body ?? '')).toMatchObject({ type: 'bye', seq: 3, sid: 'sid1' })
    expect(reporter.types).toEqual(['hello', 'loaded'])
  })

  it('goes on when the document comes back from the back-forward cache', async () => {
    start()
    await pass(500)
    window.dispatchEvent(new Event('pagehide'))
    await pass(60_000)
    window.dispatchEvent(Object.assign(new Event('pageshow'), { persisted: true }))
    await pass(0)
    expect(reporter.types).toEqual(['hello', 'loaded', 'heartbeat'])
    expect(last()).toMatchObject({ seq: 4, late: 0 })
    await pass(10_000)
    expect(reporter.types).toEqual(['hello', 'loaded', 'heartbeat', 'heartbeat'])
  })

  it('the first pageshow of a document changes nothing', async () => {
    start({ expect: ['#board'] })
    window.dispatchEvent(Object.assign(new Event('pageshow'), { persisted: false }))
    await pass(0)
    expect(reporter.types).toEqual(['hello'])
    expect(vi.getTimerCount()).toBe(1)
  })
})

describe('offline', () => {
  it('tries again at once when the browser is online again', async () => {
    reporter.next = [{ status: 503, retryAfter: '60' }]
    start({ expect: ['#board'] })
    await pass(1000)
    window.dispatchEvent(new Event('online'))
    await pass(0)
    expect(reporter.types).toEqual(['hello'])
  })
})

describe('note', () => {
  it('travels in the next report, once', async () => {
    const probe = start({ expect: ['#board'] })
    await pass(500)
    const words = { slide: 3 }
    probe.note(words)
    words.slide = 4
    await pass(20_000)
    expect(reporter.kept.map((report) => report.note)).toEqual([undefined, { slide: 3 }, undefined])
  })

  it.each<[string, unknown]>([
    ['is too large', 'ä'.repeat(600)],
    ['is nothing', undefined],
    ['cannot be JSON', 1n],
  ])('that %s is refused, and the page is told', async (_, data) => {
    const error = vi.fn()
    const probe = start()
    probe.on('error', error)
    probe.note(data)
    expect(error).toHaveBeenCalledOnce()
    await pass(10_500)
    expect(last()).not.toHaveProperty('note')
  })
})

describe('manners', () => {
  it('a listener that throws harms neither the others nor the probe', async () => {
    const probe = start()
    const second = vi.fn()
    for (const event of ['hello', 'loaded', 'heartbeat', 'check', 'error'] as const) {
      probe.on(event, () => {
        throw new Error('listener')
      })
    }
    probe.on('loaded', second)
    await pass(21_000)
    expect(second).toHaveBeenCalledOnce()
    expect(reporter.types).toEqual(['hello', 'loaded', 'heartbeat', 'heartbeat'])
  })

  it('a listener can be taken off again', async () => {
    const loaded = vi.fn()
    start().on('loaded', loaded)()
    await pass(1000)
    expect(loaded).not.toHaveBeenCalled()
  })

  it('an element that throws when it is looked at is a failed check', async () => {
    let broken = true
    const sample = (_: Element, at: number) => {
      if (broken) throw new TypeError('patched')
      return mediaSample({ at, frames: at })
    }
    addElement('div', 'board').getBoundingClientRect = () => {
      throw new TypeError('patched')
    }
    addElement('video', 'teacher')
    const probe = start({ expect: ['#board'], media: ['video'] }, { sample })
    await pass(500)
    const detail = 'cannot be looked at: TypeError: patched'
    expect(probe.state.checks).toEqual([{ name: '#board', ok: false, detail }])
    expect(probe.state.media).toMatchObject([{ name: 'video', ok: false, detail }])
    broken = false
    place(document.querySelector('#board') as Element)
    await pass(1500)
    expect(probe.state.phase).toBe('loaded')
  })

  it('a tick that throws is told, and the next one comes', async () => {
    const error = vi.fn()
    start().on('error', error)
    await pass(1000)
    const state = vi.spyOn(document, 'visibilityState', 'get').mockImplementation(() => {
      throw new Error('patched')
    })
    await pass(10_000)
    expect(error).toHaveBeenCalled()
    state.mockRestore()
    await pass(10_000)
    expect(reporter.types).toEqual(['hello', 'loaded', 'heartbeat'])
  })

  it('a fetch that throws at once is a failure like any other', async () => {
    const fetch = vi.fn((): never => {
      throw new Error('patched')
    })
    const probe = start({}, { fetch })
    await pass(3500)
    expect(fetch).toHaveBeenCalledTimes(3)
    expect(probe.state.phase).toBe('loaded')
  })

  it.each([0, -1, Number.NaN])('a stall time of %d is refused, and the default is used', async (stall) => {
    start({ stall })
    await pass(500)
    expect(String(warned.mock.calls[0]?.[1])).toContain('stall must be a number of seconds above 0')
    expect(reporter.types).toEqual(['hello', 'loaded'])
  })

  it('an endpoint that is no address does not throw into the page', () => {
    const probe = start({ endpoint: 'http://[' })
    expect(warned).toHaveBeenCalledOnce()
    expect(probe.state.phase).toBe('dormant')
  })

  it('writes nothing into the page', async () => {
    addElement('div', 'board')
    const before = document.documentElement.outerHTML
    start({ expect: ['#board'] })
    await pass(20_000)
    expect(document.documentElement.outerHTML).toBe(before)
  })
})
