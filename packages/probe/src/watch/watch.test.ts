import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { PageExpectation } from '../probeTypes.ts'
import { mediaSample } from '../testing/media.ts'
import { addElement } from '../testing/page.ts'
import { testNatives } from '../testing/testNatives.ts'
import { MAX_CHECK_LENGTH } from '../types.ts'
import { createWatch } from './watch.ts'

afterEach(() => {
  document.body.replaceChildren()
  vi.restoreAllMocks()
})

/** A watch whose media advance by a frame per millisecond. */
const watching = (expectations: PageExpectation[] = [], loaded = false) => {
  let ready = false
  const options = { window, stall: undefined, isReady: () => ready, natives: testNatives }
  const watch = createWatch(options, (_, at) => mediaSample({ at, frames: at }))
  watch.add(expectations, 0, loaded)
  return {
    watch,
    poll: (at: number, isLoaded = loaded) =>
      watch.poll({ at, periodMs: 250, loaded: isLoaded, painted: true }),
    callReady: () => {
      ready = true
    },
  }
}

const MISSING = { name: '#board', ok: false, detail: 'no element matches' }

describe('a page', () => {
  test('without expectations has loaded when the document is complete', () => {
    const state = vi.spyOn(document, 'readyState', 'get').mockReturnValue('interactive')
    const { poll } = watching()
    expect(poll(0).ok).toBe(false)
    state.mockReturnValue('complete')
    expect(poll(250)).toEqual({ ok: true, checks: [], media: [], warnings: [], changed: [] })
  })

  test('with expectations does not wait for the document', () => {
    vi.spyOn(document, 'readyState', 'get').mockReturnValue('interactive')
    addElement('div', 'board')
    expect(watching([{ element: '#board' }]).poll(0).ok).toBe(true)
  })

  test('has loaded when every expectation is met, media among them', () => {
    addElement('div', 'board')
    addElement('video', 'teacher')
    const { poll } = watching([{ element: '#board' }, { media: 'video' }])
    expect([0, 250, 500].map((at) => poll(at).ok)).toEqual([false, false, true])
  })

  test('meets the expectation `ready` by calling ready()', () => {
    const { poll, callReady } = watching([{ ready: true }])
    expect(poll(0).checks).toEqual([
      { name: 'ready true', ok: false, detail: 'the page has not called ready()' },
    ])
    callReady()
    expect(poll(250).ok).toBe(true)
  })
})

describe('a changed check', () => {
  test('is reported once, whether it fails or passes again', () => {
    const { poll } = watching([{ element: '#board' }])
    expect(poll(0).changed).toEqual([])
    const board = addElement('div', 'board')
    expect(poll(250).changed).toEqual([{ name: '#board', ok: true }])
    expect(poll(500).changed).toEqual([])
    board.remove()
    expect(poll(750).changed).toEqual([MISSING])
  })
})

describe('names', () => {
  test.each<[PageExpectation, string]>([
    [{ element: '#board' }, '#board'],
    [{ element: '#board', name: 'the board' }, 'the board'],
    [{ image: '#logo', timeout: 3 }, 'image #logo'],
    [{ font: 'Inter' }, 'font Inter'],
    [{ text: 'Hello' }, 'text Hello'],
    [{ test: 'app.ready' }, 'test app.ready'],
  ])('%j is called %s', (expectation, name) => {
    expect(watching([expectation]).poll(0).checks).toMatchObject([{ name }])
  })

  test('identify expectations: of two with the same name the later one counts', () => {
    addElement('div', 'board')
    const { watch, poll } = watching([{ name: 'board', element: '#board' }])
    expect(poll(0).ok).toBe(true)
    expect(watch.add([{ name: 'board', element: '#screen' }], 250, false)).toBe(true)
    expect(poll(250).checks).toEqual([{ name: 'board', ok: false, detail: 'no element matches' }])
  })

  test('of media are separate: an element can be expected to be visible and to play', () => {
    const { watch, poll } = watching([{ element: 'video' }])
    expect(watch.add([{ media: 'video' }], 0, false)).toBe(true)
    expect(poll(0)).toMatchObject({ checks: [{ name: 'video' }], media: [{ name: 'video' }] })
  })

  test('with the same expectation as before change nothing', () => {
    const { watch } = watching([{ element: '#board' }])
    expect(watch.add([{ element: '#board' }], 250, false)).toBe(false)
    expect(watch.add([{ element: '#board', timeout: 5 }], 250, false)).toBe(true)
  })

  test('and details are cut to the maximum length in a report', () => {
    const { poll } = watching([
      { element: `#${'x'.repeat(600)}` },
      { test: () => Promise.reject(1), name: 'n' },
    ])
    expect(poll(0).checks[0]?.name).toHaveLength(MAX_CHECK_LENGTH)
    const long = watching([
      {
        name: 'n',
        test: () => {
          throw new Error('x'.repeat(600))
        },
      },
    ])
    expect(long.poll(0).checks[0]?.detail).toHaveLength(MAX_CHECK_LENGTH)
  })
})

describe('timeouts', () => {
  test('make a check overdue once, in the first poll after them, while the page is loading', () => {
    const { poll } = watching([{ element: '#board', timeout: 2 }])
    expect(poll(1999)).toMatchObject({ changed: [], checks: [MISSING] })
    expect(poll(2000).changed).toEqual([{ ...MISSING, overdue: true }])
    expect(poll(2250)).toMatchObject({ ok: false, changed: [], checks: [{ overdue: true }] })
    addElement('div', 'board')
    expect(poll(2500)).toMatchObject({ ok: true, changed: [{ name: '#board', ok: true }] })
  })

  test('do not apply to an expectation that has been met', () => {
    const board = addElement('div', 'board')
    const { poll } = watching([{ element: '#board', timeout: 2 }])
    poll(0)
    board.remove()
    expect(poll(5000).checks).toEqual([MISSING])
  })

  test.each([
    [{ element: '#board' }, 10_000],
    [{ element: '#board', timeout: 3 }, 3000],
  ])('in a loaded page %j does not fail before its grace period ends', (expectation, limit) => {
    const { poll } = watching([expectation], true)
    expect(poll(limit - 1)).toMatchObject({ ok: true, changed: [] })
    expect(poll(limit)).toMatchObject({ changed: [MISSING] })
    expect(poll(limit).checks[0]).not.toHaveProperty('overdue', true)
  })

  test('of optional expectations end in a warning, not a failure', () => {
    const { poll } = watching([{ element: '#board', optional: true, timeout: 2 }])
    const warnings = [{ name: '#board', detail: 'no element matches' }]
    expect(poll(0)).toMatchObject({ ok: false, checks: [], warnings })
    expect(poll(2000)).toEqual({ ok: true, checks: [], media: [], warnings, changed: [] })
    addElement('div', 'board')
    expect(poll(2250)).toMatchObject({ ok: true, warnings: [] })
  })
})

describe('routes', () => {
  afterEach(() => history.replaceState(null, '', '/'))

  test('exclude expectations of other routes, and start a grace period when the page enters theirs', () => {
    history.replaceState(null, '', '/lobby')
    const { watch, poll } = watching([{ element: '#board', route: '/room/*' }])
    expect(poll(0)).toMatchObject({ ok: true, checks: [] })
    poll(59_000, true)
    history.pushState(null, '', '/room/7')
    expect(poll(60_000, true)).toMatchObject({ ok: true, checks: [{ ok: true }], changed: [] })
    expect(poll(69_001, true)).toMatchObject({ checks: [MISSING] })
    history.pushState(null, '', '/lobby')
    expect(poll(71_000, true)).toMatchObject({ ok: true, checks: [] })
    expect(watch.add([{ element: '#board', route: '/room/*' }], 0, false)).toBe(false)
  })

  test('that have not matched within a minute are warned about until they do', () => {
    history.replaceState(null, '', '/lobby')
    addElement('div', 'board')
    const { poll } = watching([{ element: '#board', route: '/rooms/*' }])
    const detail = 'is not checked: its route /rooms/* has not matched yet'
    expect(poll(59_999, true).warnings).toEqual([])
    expect(poll(60_000, true).warnings).toEqual([{ name: '#board', detail }])
    history.replaceState(null, '', '/rooms/7')
    expect(poll(61_000, true).warnings).toEqual([])
    history.replaceState(null, '', '/lobby')
    expect(poll(200_000, true).warnings).toEqual([])
  })
})

describe('in a loaded page a failure', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  /** A watch of a board that was found at 0, when the page loaded. */
  const loaded = (expectation: PageExpectation = { element: '#board' }) => {
    addElement('div', 'board')
    const { watch, poll } = watching([expectation])
    poll(0)
    return { watch, poll: (at: number) => poll(at, true) }
  }
  const hide = () => document.body.replaceChildren()

  test('counts when two polls in a row have found it', () => {
    const { poll } = loaded()
    hide()
    expect(poll(1000)).toMatchObject({ ok: true, changed: [], checks: [{ ok: true }] })
    vi.advanceTimersByTime(1000)
    expect(poll(2000).changed).toEqual([MISSING])
    expect(poll(3000).checks).toEqual([MISSING])
    addElement('div', 'board')
    expect(poll(4000).changed).toEqual([{ name: '#board', ok: true }])
  })

  test.each([250, 600])('does not count if the element is seen %i ms after the first poll', (ms) => {
    const { poll } = loaded()
    for (let at = 1000; at < 10_000; at += 1000) {
      hide()
      expect(poll(at).changed).toEqual([])
      vi.advanceTimersByTime(ms - 1)
      addElement('div', 'board')
      vi.advanceTimersByTime(1)
      hide()
      vi.advanceTimersByTime(1000 - ms)
    }
  })

  test("of the page's own test needs two polls, without calls between them", () => {
    const test = vi.fn(() => true)
    const { poll } = loaded({ name: 'test', test })
    test.mockReturnValue(false)
    poll(1000)
    vi.advanceTimersByTime(1000)
    expect(poll(2000).changed).toEqual([{ name: 'test', ok: false, detail: 'is false' }])
    expect(test).toHaveBeenCalledTimes(3)
  })

  test('of an optional expectation is a warning after two polls', () => {
    const { poll } = loaded({ element: '#board', optional: true })
    hide()
    expect(poll(11_000).warnings).toEqual([])
    expect(poll(12_000).warnings).toEqual([{ name: '#board', detail: 'no element matches' }])
  })

  test('is not looked at again after the watch has stopped', () => {
    const { poll, watch } = loaded()
    hide()
    poll(1000)
    watch.stop()
    expect(vi.getTimerCount()).toBe(0)
  })
})

test('sound without picture in <video> is warned about', () => {
  addElement('video', 'teacher')
  const takeSample = (_: Element, at: number) =>
    mediaSample({ at, time: at, frames: undefined, soundOnly: true })
  const watch = createWatch(
    { window, stall: undefined, isReady: () => false, natives: testNatives },
    takeSample,
  )
  watch.add([{ media: 'video' }], 0, false)
  const polls = [0, 250, 500].map((at) => watch.poll({ at, periodMs: 250, loaded: false, painted: true }))
  expect(polls.at(-1)).toMatchObject({
    ok: true,
    media: [{ name: 'video', ok: true }],
    warnings: [{ name: 'video', detail: 'has sound but no picture, so only its time is checked' }],
  })
})

describe('the expectations of the recording', () => {
  const answer = { attempt: 1, media: [] }
  const namesOf = (result: ReturnType<ReturnType<typeof watching>['poll']>) =>
    result.checks.map(({ name }) => name)

  test('are all replaced by those of the next answer', () => {
    const { watch, poll } = watching([{ element: '#own' }])
    watch.add({ ...answer, expect: ['#board', '#clock'] }, 0, false)
    expect(namesOf(poll(0))).toEqual(['#own', '#board', '#clock'])
    expect(watch.add({ ...answer, expect: ['#clock', '#slides'] }, 250, false)).toBe(true)
    expect(namesOf(poll(250))).toEqual(['#own', '#clock', '#slides'])
    expect(watch.add({ ...answer, expect: ['#clock'], media: ['video'] }, 500, false)).toBe(true)
    expect(poll(500)).toMatchObject({ checks: [{}, { name: '#clock' }], media: [{ name: 'video' }] })
    expect(watch.add({ ...answer, expect: [] }, 750, false)).toBe(false)
    expect(poll(750)).toMatchObject({ checks: [{ name: '#own' }], media: [] })
  })

  test('give way to what the page itself expects under the same name', () => {
    const { watch, poll } = watching([{ name: 'board', element: '#own' }])
    const detailOf = (at: number) => poll(at).checks[0]?.detail
    addElement('div', 'own')
    expect(detailOf(0)).toBeUndefined()
    watch.add({ ...answer, expect: [{ name: 'board', element: '#others' }] }, 0, false)
    expect(detailOf(250)).toBe('no element matches')
    watch.add({ ...answer, expect: [] }, 250, false)
    expect(detailOf(500)).toBeUndefined()
    watch.add([{ name: 'board', element: '#third' }], 500, false)
    watch.add({ ...answer, expect: [] }, 500, false)
    expect(detailOf(750)).toBe('no element matches')
  })

  test('pass no check that fails by being sent again unchanged', () => {
    const { watch, poll } = watching([], true)
    watch.add({ ...answer, expect: ['#board'] }, 0, true)
    expect(poll(11_000).ok && poll(12_000).ok).toBe(false)
    expect(watch.add({ ...answer, expect: ['#board'] }, 12_000, true)).toBe(false)
    expect(poll(13_000).checks).toEqual([MISSING])
  })
})

test('an expectation without a kind fails with the list of kinds', () => {
  const { poll } = watching([{ name: 'odd', timeout: 5 }])
  expect(poll(0).checks).toMatchObject([
    { name: 'odd', detail: expect.stringContaining('element, image, media') },
  ])
})

test.each([0, -1, Number.NaN])('warns about a stall of %d', (stall) => {
  const watch = createWatch({ window, stall, isReady: () => false, natives: testNatives })
  expect(watch.poll({ at: 0, periodMs: 250, loaded: false, painted: true }).warnings).toEqual([
    { name: 'stall', detail: `must be a positive number of seconds, got ${stall}` },
  ])
})
