import { afterEach, describe, expect, test, vi } from 'vitest'
import { addElement, place } from '../testing/page.ts'
import { type Count, countFailure, elementFailure, type MatchCache } from './elements.ts'
import { natives } from './natives.ts'

afterEach(() => {
  document.body.replaceChildren()
  vi.restoreAllMocks()
})

const failureOf = (element: Element) => elementFailure(element, {})

const failure = (selector: string, cache: MatchCache = { passing: [] }, count: Count = 1) =>
  countFailure({ selector, root: document, count }, failureOf, cache)

describe('one element', () => {
  test('is met by a visible element', () => {
    addElement('div', 'board')
    expect(failure('#board')).toBeUndefined()
  })

  test('fails when nothing matches', () => {
    expect(failure('#board')).toBe('no element matches')
  })

  test('fails when the selector is invalid', () => {
    expect(failure('#board[')).toBe('is not a valid selector')
  })

  test.each<[string, Parameters<typeof place>[1], boolean]>([
    ['is hidden by CSS', {}, false],
    ['has no area (0×50)', { width: 0 }, true],
    ['has no area (100×0)', { height: 0 }, true],
    ['is outside the viewport', { x: -100 }, true],
    ['is outside the viewport', { y: -50 }, true],
    ['is outside the viewport', { x: window.innerWidth }, true],
    ['is outside the viewport', { y: window.innerHeight }, true],
  ])('fails when it %s', (detail, box, shown) => {
    place(addElement('div', 'board'), box, shown)
    expect(failure('#board')).toBe(detail)
  })

  test('is met by one pixel inside the viewport', () => {
    place(addElement('div', 'board'), { x: -99 })
    expect(failure('#board')).toBeUndefined()
  })

  test('is met by the visible children of an element without a box', () => {
    place(addElement('div', 'board'), {}, false).style.display = 'contents'
    expect(failure('#board')).toBe('is hidden by CSS')
    document.querySelector('#board')?.append(place(document.createElement('p')))
    expect(failure('#board')).toBeUndefined()
  })

  test.each([
    ['display', 'none'],
    ['visibility', 'hidden'],
    ['opacity', '0'],
  ])(
    'is hidden by its own %s and that of an ancestor in a browser without checkVisibility',
    (property, value) => {
      const old = { ...natives.Element, checkVisibility: undefined }
      vi.spyOn(natives, 'Element', 'get').mockReturnValue(old as never)
      const board = addElement('div', 'board')
      board.append(place(document.createElement('p')))
      expect(failure('p')).toBeUndefined()
      board.style.setProperty(property, value)
      expect([failure('#board'), failure('p')]).toEqual(Array(2).fill('is hidden by CSS'))
    },
  )

  test('is met when one of several is visible; otherwise the failure of the first is reported', () => {
    place(addElement('p', 'first'), { width: 0 })
    const second = place(addElement('p', 'second'), {}, false)
    expect(failure('p')).toBe('has no area (0×50)')
    place(second)
    expect(failure('p')).toBeUndefined()
  })

  test('is searched for again only when the last match was removed or no longer matches', () => {
    const cache: MatchCache = { passing: [] }
    const first = addElement('p', 'first')
    first.className = 'now'
    addElement('p', 'second').className = 'now'
    const searched = vi.spyOn(natives.Document, 'querySelectorAll')
    for (let i = 0; i < 3; i++) expect(failure('.now', cache)).toBeUndefined()
    expect(searched).toHaveBeenCalledOnce()
    first.className = ''
    expect(failure('.now', cache)).toBeUndefined()
    expect(cache.passing.map(({ id }) => id)).toEqual(['second'])
    cache.passing[0]?.remove()
    expect(failure('.now', cache)).toBe('no element matches')
  })

  test('in a shadow root is searched for again when any step to it no longer matches', () => {
    const cache: MatchCache = { passing: [] }
    const outer = addElement('div', 'outer').attachShadow({ mode: 'open' })
    const inner = outer.appendChild(document.createElement('div'))
    inner.className = 'inner'
    inner.attachShadow({ mode: 'open' }).appendChild(place(document.createElement('p')))
    const met = () => failure('#outer >>> .inner >>> p', cache)
    const searched = vi.spyOn(natives.Document, 'querySelectorAll')
    for (let i = 0; i < 3; i++) expect(met()).toBeUndefined()
    expect(searched).toHaveBeenCalledOnce()
    inner.className = ''
    expect(met()).toBe('no element matches')
    inner.className = 'inner'
    expect(met()).toBeUndefined()
    outer.host.id = 'other'
    expect(met()).toBe('no element matches')
    outer.host.id = 'outer'
    expect(met()).toBeUndefined()
    outer.host.remove()
    expect(met()).toBe('no element matches')
  })
})

describe('a count', () => {
  const row = (...shown: boolean[]) => {
    for (const [i, one] of shown.entries()) place(addElement('p', `p${i}`), {}, one)
  }

  test.each<[Count, boolean[], string | undefined]>([
    [1, [false, true], undefined],
    [1, [false], 'is hidden by CSS'],
    [1, [], 'no element matches'],
    ['all', [true, true], undefined],
    ['all', [true, false], 'is hidden by CSS'],
    ['all', [], 'no element matches'],
    [2, [true, true, false], undefined],
    [2, [true, false], '1 of 2 can be seen, expected at least 2: one is hidden by CSS'],
    [2, [true], '1 of 1 can be seen, expected at least 2'],
    [[1, 2], [true, true, false], undefined],
    [[1, 2], [true, true, true], 'more than 2 can be seen'],
    [[1, 2], [false], '0 of 1 can be seen, expected at least 1: one is hidden by CSS'],
    [[0, 0], [], undefined],
    [[0, 0], [true], 'more than 0 can be seen'],
    [0, [false], undefined],
  ])('%j of %j: %s', (count, shown, detail) => {
    row(...shown)
    const cache: MatchCache = { passing: [] }
    expect(failure('p', cache, count)).toBe(detail)
    expect(failure('p', cache, count), 'second poll').toBe(detail)
  })

  test.each<[Count, number, number]>([
    [2, 2, 2],
    [[1, 2], 3, 3],
    [[0, 9], 5, 5],
    ['all', 5, 5],
  ])('%j examines %i of five, then %i', (count, first, then) => {
    row(true, true, true, true, true)
    const failureOf = vi.fn(() => undefined)
    const cache: MatchCache = { passing: [] }
    countFailure({ selector: 'p', root: document, count }, failureOf, cache)
    expect(failureOf).toHaveBeenCalledTimes(first)
    countFailure({ selector: 'p', root: document, count }, failureOf, cache)
    expect(failureOf).toHaveBeenCalledTimes(first + then)
  })

  test('fails when the selector is invalid, whatever the count', () => {
    expect(failure('p[', { passing: [] }, [0, 3])).toBe('is not a valid selector')
  })
})

test('with `all`, every element is examined although one fails: images are decoded together', () => {
  for (const id of ['a', 'b', 'c']) addElement('img', id)
  const examined: string[] = []
  const isDecoding = (element: Element) => {
    examined.push(element.id)
    return 'is being decoded'
  }
  const target = { selector: 'img', root: document, count: 'all' } as const
  expect(countFailure(target, isDecoding, { passing: [] })).toBe('is being decoded')
  expect(examined).toEqual(['a', 'b', 'c'])
})
