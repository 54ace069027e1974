import { afterEach, describe, expect, test, vi } from 'vitest'
import type { PageExpectation } from '../probeTypes.ts'
import { mediaSample } from '../testing/media.ts'
import { addElement } from '../testing/page.ts'
import { MAX_CHECK_WORDS } from '../types.ts'
import { createWatch } from './watch.ts'

afterEach(() => {
  document.body.replaceChildren()
  vi.restoreAllMocks()
})

/** A watch whose media advance by a frame per millisecond. */
const watching = (expectations: PageExpectation[] = [], loaded = false) => {
  let ready = false
  const options = { window, stall: undefined, isReady: () => ready }
  const watch = createWatch(options, (_, at) => mediaSample({ at, frames: at }))
  watch.add(expectations, 0, loaded)
  return {
    watch,
    look: (at: number, isLoaded = loaded) => watch.look(at, 250, isLoaded, true),
    callReady: () => {
      ready = true
    },
  }
}

const MISSING = { name: '#board', ok: false, detail: 'no element matches' }

describe('a page', () => {
  test('that expects nothing is met when the document is complete', () => {
    const state = vi.spyOn(document, 'readyState', 'get').mockReturnValue('interactive')
    const { look } = watching()
    expect(look(0).ok).toBe(false)
    state.mockReturnValue('complete')
    expect(look(250)).toEqual({ ok: true, checks: [], media: [], warnings: [], turned: [] })
  })

  test('that expects something does not wait for the document', () => {
    vi.spyOn(document, 'readyState', 'get').mockReturnValue('interactive')
    addElement('div', 'board')
    expect(watching([{ element: '#board' }]).look(0).ok).toBe(true)
  })

  test('needs every expectation, media among them', () => {
    addElement('div', 'board')
    addElement('video', 'teacher')
    const { look } = watching([{ element: '#board' }, { media: 'video' }])
    expect([0, 250, 500].map((at) => look(at).ok)).toEqual([false, false, true])
  })

  test('that calls ready() meets what expects it', () => {
    const { look, callReady } = watching([{ ready: true }])
    expect(look(0).checks).toEqual([
      { name: 'ready true', ok: false, detail: 'the page has not called ready()' },
    ])
    callReady()
    expect(look(250).ok).toBe(true)
  })
})

describe('what turned', () => {
  test('is told both ways, and only once', () => {
    const { look } = watching([{ element: '#board' }])
    expect(look(0).turned).toEqual([])
    const board = addElement('div', 'board')
    expect(look(250).turned).toEqual([{ name: '#board', ok: true }])
    expect(look(500).turned).toEqual([])
    board.remove()
    expect(look(750).turned).toEqual([MISSING])
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
    expect(watching([expectation]).look(0).checks).toMatchObject([{ name }])
  })

  test('tell one expectation from another: the last one of a name counts', () => {
    addElement('div', 'board')
    const { watch, look } = watching([{ name: 'board', element: '#board' }])
    expect(look(0).ok).toBe(true)
    expect(watch.add([{ name: 'board', element: '#screen' }], 250, false)).toBe(true)
    expect(look(250).checks).toEqual([{ name: 'board', ok: false, detail: 'no element matches' }])
  })

  test('of media are their own: an element can be expected to be seen and to play', () => {
    const { watch, look } = watching([{ element: 'video' }])
    expect(watch.add([{ media: 'video' }], 0, false)).toBe(true)
    expect(look(0)).toMatchObject({ checks: [{ name: 'video' }], media: [{ name: 'video' }] })
  })

  test('are not new when the same is said again', () => {
    const { watch } = watching([{ element: '#board' }])
    expect(watch.add([{ element: '#board' }], 250, false)).toBe(false)
    expect(watch.add([{ element: '#board', timeout: 5 }], 250, false)).toBe(true)
  })

  test('and details keep to the length that a report may have', () => {
    const { look } = watching([
      { element: `#${'x'.repeat(600)}` },
      { test: () => Promise.reject(1), name: 'n' },
    ])
    expect(look(0).checks[0]?.name).toHaveLength(MAX_CHECK_WORDS)
    const long = watching([
      {
        name: 'n',
        test: () => {
          throw new Error('x'.repeat(600))
        },
      },
    ])
    expect(long.look(0).checks[0]?.detail).toHaveLength(MAX_CHECK_WORDS)
  })
})

describe('time limits', () => {
  test('tell once, and at once, that something is overdue, as long as the page has not loaded', () => {
    const { look } = watching([{ element: '#board', timeout: 2 }])
    expect(look(1999)).toMatchObject({ turned: [], checks: [MISSING] })
    expect(look(2000).turned).toEqual([{ ...MISSING, overdue: true }])
    expect(look(2250)).toMatchObject({ ok: false, turned: [], checks: [{ overdue: true }] })
    addElement('div', 'board')
    expect(look(2500)).toMatchObject({ ok: true, turned: [{ name: '#board', ok: true }] })
  })

  test('are over when it was met once', () => {
    const board = addElement('div', 'board')
    const { look } = watching([{ element: '#board', timeout: 2 }])
    look(0)
    board.remove()
    expect(look(5000).checks).toEqual([MISSING])
  })

  test.each([
    [{ element: '#board' }, 10_000],
    [{ element: '#board', timeout: 3 }, 3000],
  ])('in a loaded page %j may take its time before it fails', (expectation, limit) => {
    const { look } = watching([expectation], true)
    expect(look(limit - 1)).toMatchObject({ ok: true, turned: [] })
    expect(look(limit)).toMatchObject({ turned: [MISSING] })
    expect(look(limit).checks[0]).not.toHaveProperty('overdue', true)
  })

  test('of what is optional end in a warning, and nothing fails', () => {
    const { look } = watching([{ element: '#board', optional: true, timeout: 2 }])
    const warnings = [{ name: '#board', detail: 'no element matches' }]
    expect(look(0)).toMatchObject({ ok: false, checks: [], warnings })
    expect(look(2000)).toEqual({ ok: true, checks: [], media: [], warnings, turned: [] })
    addElement('div', 'board')
    expect(look(2250)).toMatchObject({ ok: true, warnings: [] })
  })
})

describe('routes', () => {
  afterEach(() => history.replaceState(null, '', '/'))

  test('leave out what is expected elsewhere, and give it time when the page comes there', () => {
    history.replaceState(null, '', '/lobby')
    const { watch, look } = watching([{ element: '#board', route: '/room/*' }])
    expect(look(0)).toMatchObject({ ok: true, checks: [] })
    look(59_000, true)
    history.pushState(null, '', '/room/7')
    expect(look(60_000, true)).toMatchObject({ ok: true, checks: [{ ok: true }], turned: [] })
    expect(look(69_001, true)).toMatchObject({ checks: [MISSING] })
    history.pushState(null, '', '/lobby')
    expect(look(71_000, true)).toMatchObject({ ok: true, checks: [] })
    expect(watch.add([{ element: '#board', route: '/room/*' }], 0, false)).toBe(false)
  })
})

test('says of an expectation that looks at nothing what it could look at', () => {
  const { look } = watching([{ name: 'odd', timeout: 5 }])
  expect(look(0).checks).toMatchObject([
    { name: 'odd', detail: expect.stringContaining('element, image, media') },
  ])
})

test.each([0, -1, Number.NaN])('warns of a stall time of %d', (stall) => {
  const watch = createWatch({ window, stall, isReady: () => false })
  expect(watch.look(0, 250, false, true).warnings).toEqual([
    { name: 'stall', detail: `is no number of seconds above 0: ${stall}` },
  ])
})
