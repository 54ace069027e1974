import { describe, expect, test, vi } from 'vitest'
import { mediaSample } from './testing/media.ts'
import { addElement } from './testing/page.ts'
import { watchedPage } from './testing/watchedPage.ts'
import { createWatch } from './watch/watch.ts'
import type { WatchOptions } from './watchTypes.ts'

const page = watchedPage()
const { start, pass, last } = page

describe('heartbeats', () => {
  test('are sent at the interval that the reporter sets, with the sid', async () => {
    page.reporter.always = { interval: 4 }
    start()
    await pass(500)
    expect(page.reporter.types).toEqual(['hello', 'loaded'])
    await pass(12_000)
    const heartbeats = page.reporter.kept.slice(2)
    expect(heartbeats.map(({ type, sid }) => [type, sid])).toEqual(Array(3).fill(['heartbeat', 'sid1']))
    expect(heartbeats.map(({ at }, i) => at - (heartbeats[i - 1]?.at ?? at - 4000))).toEqual([
      4000, 4000, 4000,
    ])
  })

  test('are sent every 10 s until the reporter has set an interval', async () => {
    page.reporter.next = [503]
    start({ expect: ['#board'] })
    await pass(0)
    expect(page.reporter.received).toHaveLength(1)
    await pass(20_500)
    expect(page.reporter.types).toEqual(['hello', 'heartbeat', 'heartbeat'])
  })

  test('are sent before the page is loaded too, with its failing checks', async () => {
    page.reporter.always = { interval: 2 }
    start({ expect: ['#board'] })
    await pass(4500)
    expect(page.reporter.types).toEqual(['hello', 'heartbeat', 'heartbeat'])
    expect(last().checks).toEqual([{ name: '#board', ok: false, detail: 'no element matches' }])
  })

  test('emit an event when they are accepted', async () => {
    const heartbeat = vi.fn()
    start().on('heartbeat', heartbeat)
    await pass(11_000)
    expect(heartbeat).toHaveBeenCalledExactlyOnceWith(last())
  })

  test('are sent immediately when a check fails, and when it passes again', async () => {
    const board = addElement('div', 'board')
    const check = vi.fn()
    start({ expect: ['#board'] }).on('check', check)
    await pass(1250)
    board.remove()
    await pass(2000)
    expect(page.reporter.types).toEqual(['hello', 'loaded', 'heartbeat'])
    expect(last().checks).toMatchObject([{ ok: false }])
    addElement('div', 'board')
    await pass(1000)
    expect(last().checks).toEqual([{ name: '#board', ok: true }])
    expect(check.mock.calls.map(([{ ok }]) => ok)).toEqual([true, false, true])
    await pass(9000)
    expect(page.reporter.kept).toHaveLength(4)
  })

  test.each([500, 1000, 1300, 2000])('report no change of what blinks every %i ms', async (period) => {
    const badge = addElement('div', 'badge')
    const check = vi.fn()
    start({ expect: ['#badge'] }).on('check', check)
    await pass(500)
    expect(page.reporter.types).toEqual(['hello', 'loaded'])
    for (let ms = 0; ms < 80_000; ms += period) {
      badge.remove()
      await pass(period / 2)
      document.body.append(badge)
      await pass(period / 2)
    }
    expect(check.mock.calls.filter(([{ ok }]) => !ok)).toEqual([])
    const checks = page.reporter.kept.slice(1).flatMap(({ checks }) => checks)
    expect(checks.filter(({ ok }) => !ok)).toEqual([])
  })

  test('are sent immediately when a medium stops', async () => {
    addElement('video', 'teacher')
    let running = true
    let frames = 0
    const sample = (_: Element, at: number) =>
      mediaSample({ at, frames: running ? ++frames : frames, time: 1 })
    start({ media: ['video'], stall: 2 }, { sample })
    await pass(2000)
    running = false
    await pass(4000)
    expect(page.reporter.types).toEqual(['hello', 'loaded', 'heartbeat'])
    expect(last().media[0]).toMatchObject({
      ok: false,
      detail: 'stalled: no progress for 2 s (readyState 4)',
    })
  })

  test('with a changed check are all kept, in order, while the reporter cannot be reached', async () => {
    addElement('div', 'board')
    start({ expect: ['#board'] })
    await pass(500)
    page.reporter.always = 'offline'
    document.body.replaceChildren()
    await pass(2000)
    addElement('div', 'board')
    await pass(30_000)
    page.reporter.always = {}
    await pass(30_000)
    const delivered = page.reporter.kept.slice(2, 4)
    expect(delivered.map(({ type, checks }) => [type, checks[0]?.ok])).toEqual([
      ['heartbeat', false],
      ['heartbeat', true],
    ])
  })

  test('arrive within one interval after a long outage of the reporter', async () => {
    page.reporter.always = { interval: 4 }
    start()
    await pass(500)
    page.reporter.always = 'offline'
    await pass(120_000)
    page.reporter.always = { interval: 4 }
    const before = page.reporter.kept.length
    await pass(4500)
    expect(page.reporter.kept.length).toBeGreaterThan(before)
  })

  test('wait as long as Retry-After says, although several become due meanwhile', async () => {
    page.reporter.always = { interval: 4 }
    start()
    await pass(500)
    page.reporter.next = [{ proxy: 503, retryAfter: '30' }]
    await pass(4000)
    const requests = page.reporter.received.length
    await pass(25_000)
    expect(page.reporter.received).toHaveLength(requests)
    await pass(6000)
    expect(page.reporter.received.length).toBeGreaterThan(requests)
  })

  test('count the errors and failed loads of the page', async () => {
    start()
    await pass(500)
    window.dispatchEvent(new Event('error'))
    window.dispatchEvent(new Event('unhandledrejection'))
    addElement('img', 'logo').dispatchEvent(new Event('error'))
    await pass(11_000)
    expect(last()).toMatchObject({ errors: 2, failed: 1 })
  })

  test('contain the first error from then on, because any of them may be lost', async () => {
    page.reporter.always = { interval: 2 }
    start()
    await pass(500)
    expect(last()).not.toHaveProperty('firstError')
    for (const reason of ['one', 'two']) {
      window.dispatchEvent(Object.assign(new Event('unhandledrejection'), { reason }))
    }
    page.reporter.next = ['offline']
    await pass(6000)
    expect(page.reporter.kept.slice(2).length).toBeGreaterThan(1)
    for (const report of page.reporter.received.slice(2)) {
      expect(report).toMatchObject({ errors: 2, firstError: 'one' })
    }
  })

  test('a value that the page throws and that has no text breaks nothing', async () => {
    const evil = {
      toString: () => {
        throw evil
      },
    }
    const throws = () => {
      throw evil
    }
    const rejects = () => Promise.reject(Symbol('no lesson'))
    start({
      expect: [
        { name: 'throws', test: throws },
        { name: 'rejects', test: rejects },
      ],
    })
    await pass(11_000)
    expect(last().checks).toEqual([
      { name: 'throws', ok: false, detail: 'throws: ' },
      { name: 'rejects', ok: false, detail: 'throws: Symbol(no lesson)' },
    ])
  })

  test('contain how late the tick was, and that the document is hidden', async () => {
    let lost = 0
    const clock = {
      now: () => performance.now() + lost,
      setTimeout: window.setTimeout,
      clearTimeout: window.clearTimeout,
    }
    start({}, { clock })
    await pass(500)
    vi.spyOn(document, 'hidden', 'get').mockReturnValue(true)
    lost = 12_000
    await pass(1000)
    expect(last()).toMatchObject({ type: 'heartbeat', late: 12_000, visible: false })
  })

  test('contain the largest delay of a tick since the last report, once', async () => {
    let lost = 0
    const clock = {
      now: () => performance.now() + lost,
      setTimeout: window.setTimeout,
      clearTimeout: window.clearTimeout,
    }
    start({}, { clock })
    await pass(2500)
    lost = 3000
    await pass(9000)
    expect(last()).toMatchObject({ type: 'heartbeat', late: 3000 })
    await pass(10_000)
    expect(last()).toMatchObject({ type: 'heartbeat', late: 0 })
  })

  test('do not report a stall for a time in which no script ran', async () => {
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

describe('expectations of the recording that arrive after loaded', () => {
  test('do not fail media that play, and fail what is missing after the grace period', async () => {
    addElement('video', 'teacher')
    let frames = 0
    page.reporter.next = [503]
    page.reporter.always = { media: ['video'], expect: ['#clock'] }
    const probe = start({}, { sample: (_, at) => mediaSample({ at, frames: ++frames }) })
    await pass(500)
    expect(probe.state.phase).toBe('loaded')
    await pass(9000)
    expect(page.reporter.types).toEqual(['hello', 'loaded'])
    await pass(2000)
    expect(last()).toMatchObject({ checks: [{ name: '#clock', ok: false }], media: [{ ok: true }] })
  })
})

describe('expectations of the recording that change', () => {
  test('are those of the newest answer from then on, without a report of their own', async () => {
    addElement('div', 'board')
    page.reporter.always = { expect: ['#board', '#gone'] }
    const probe = start({ expect: [{ name: 'own', element: '#board' }] })
    await pass(1000)
    expect(probe.state).toMatchObject({ phase: 'loading', checks: [{}, {}, { name: '#gone', ok: false }] })
    page.reporter.always = { expect: ['#board'] }
    await pass(11_000)
    expect(probe.state).toMatchObject({ phase: 'loaded', checks: [{ name: 'own' }, { name: '#board' }] })
    page.reporter.always = {}
    await pass(20_000)
    expect(last().checks).toEqual([{ name: 'own', ok: true }])
    expect(probe.state.phase).toBe('loaded')
  })

  test('are dropped if they end before the second file has been loaded', async () => {
    page.reporter.next = [{ expect: ['#gone'] }]
    let load = () => {}
    const loaded = new Promise<void>((resolve) => {
      load = resolve
    })
    const loadWatch = async () => {
      await loaded
      return { createWatch: (options: WatchOptions) => createWatch(options) }
    }
    const probe = start({}, { loadWatch })
    await pass(11_000)
    load()
    await pass(1000)
    expect(probe.state).toMatchObject({ phase: 'loaded', checks: [] })
  })
})

describe('offline', () => {
  test('retries immediately when the browser is online again', async () => {
    page.reporter.next = [{ proxy: 503, retryAfter: '60' }]
    start({ expect: ['#board'] })
    await pass(1000)
    window.dispatchEvent(new Event('online'))
    await pass(0)
    expect(page.reporter.types).toEqual(['hello'])
  })
})
