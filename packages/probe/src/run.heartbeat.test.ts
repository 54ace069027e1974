import { describe, expect, test, vi } from 'vitest'
import { mediaSample } from './testing/media.ts'
import { addElement } from './testing/page.ts'
import { watchedPage } from './testing/watchedPage.ts'

const page = watchedPage()
const { start, pass, last } = page

describe('heartbeats', () => {
  test('come at the interval that the reporter asks for, with the sid', async () => {
    page.reporter.always = { interval: 4 }
    start()
    await pass(500)
    expect(page.reporter.types).toEqual(['hello', 'loaded'])
    await pass(12_000)
    const beats = page.reporter.kept.slice(2)
    expect(beats.map(({ type, sid }) => [type, sid])).toEqual(Array(3).fill(['heartbeat', 'sid1']))
    expect(beats.map(({ at }, i) => at - (beats[i - 1]?.at ?? at - 4000))).toEqual([4000, 4000, 4000])
  })

  test('come every 10 s as long as the reporter has not said more', async () => {
    page.reporter.next = [503]
    start({ expect: ['#board'] })
    await pass(0)
    expect(page.reporter.tries).toHaveLength(1)
    await pass(20_500)
    expect(page.reporter.types).toEqual(['hello', 'heartbeat', 'heartbeat'])
  })

  test('come before the page is loaded too and say what is missing', async () => {
    page.reporter.always = { interval: 2 }
    start({ expect: ['#board'] })
    await pass(4500)
    expect(page.reporter.types).toEqual(['hello', 'heartbeat', 'heartbeat'])
    expect(last().checks).toEqual([{ name: '#board', ok: false, detail: 'no element matches' }])
  })

  test('tell the page when they are kept', async () => {
    const heartbeat = vi.fn()
    start().on('heartbeat', heartbeat)
    await pass(11_000)
    expect(heartbeat).toHaveBeenCalledExactlyOnceWith(last())
  })

  test('come at once when a check turns, either way', async () => {
    const board = addElement('div', 'board')
    const check = vi.fn()
    start({ expect: ['#board'] }).on('check', check)
    await pass(1250)
    board.remove()
    await pass(1000)
    expect(page.reporter.types).toEqual(['hello', 'loaded', 'heartbeat'])
    expect(last().checks).toMatchObject([{ ok: false }])
    addElement('div', 'board')
    await pass(1000)
    expect(last().checks).toEqual([{ name: '#board', ok: true }])
    expect(check.mock.calls.map(([{ ok }]) => ok)).toEqual([true, false, true])
    await pass(9000)
    expect(page.reporter.kept).toHaveLength(4)
  })

  test('come at once when a medium stops', async () => {
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

  test('keep each turned check while the reporter is away, in order', async () => {
    addElement('div', 'board')
    start({ expect: ['#board'] })
    await pass(500)
    page.reporter.always = 'offline'
    document.body.replaceChildren()
    await pass(1000)
    addElement('div', 'board')
    await pass(30_000)
    page.reporter.always = {}
    await pass(30_000)
    const told = page.reporter.kept.slice(2, 4)
    expect(told.map(({ type, checks }) => [type, checks[0]?.ok])).toEqual([
      ['heartbeat', false],
      ['heartbeat', true],
    ])
  })

  test('are heard within an interval of the return of a reporter that was away for long', async () => {
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

  test('wait for as long as the reporter asks, however many come due meanwhile', async () => {
    page.reporter.always = { interval: 4 }
    start()
    await pass(500)
    page.reporter.next = [{ status: 503, retryAfter: '30' }]
    await pass(4000)
    const tries = page.reporter.tries.length
    await pass(25_000)
    expect(page.reporter.tries).toHaveLength(tries)
    await pass(6000)
    expect(page.reporter.tries.length).toBeGreaterThan(tries)
  })

  test('count the errors of the page and failed loads', async () => {
    start()
    await pass(500)
    window.dispatchEvent(new Event('error'))
    window.dispatchEvent(new Event('unhandledrejection'))
    addElement('img', 'logo').dispatchEvent(new Event('error'))
    await pass(11_000)
    expect(last()).toMatchObject({ errors: 2, failed: 1 })
  })

  test('tell how late the tick was, and that the document is hidden', async () => {
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

  test('tell of the latest tick since the one before, also when later ticks came in time, and then forget it', async () => {
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

  test('do not take time in which nothing ran for a stall', async () => {
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
  test('raise no alarm about media that play, and tell after a while what is missing', async () => {
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

describe('offline', () => {
  test('tries again at once when the browser is online again', async () => {
    page.reporter.next = [{ status: 503, retryAfter: '60' }]
    start({ expect: ['#board'] })
    await pass(1000)
    window.dispatchEvent(new Event('online'))
    await pass(0)
    expect(page.reporter.types).toEqual(['hello'])
  })
})
