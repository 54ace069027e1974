import { afterEach, describe, expect, test, vi } from 'vitest'
import { addElement, place } from '../testing/page.ts'
import { type Seen, whyNotCounted, whyNotShown } from './elements.ts'

afterEach(() => {
  document.body.replaceChildren()
  vi.restoreAllMocks()
})

type Count = Parameters<typeof whyNotCounted>[2]

const isShown = (element: Element) => whyNotShown(element, {})

const look = (selector: string, seen: Seen = { good: [] }, count: Count = 1) =>
  whyNotCounted(selector, document, count, isShown, seen)

describe('one element', () => {
  test('is met by an element that can be seen', () => {
    addElement('div', 'board')
    expect(look('#board')).toBeUndefined()
  })

  test('says when nothing matches', () => {
    expect(look('#board')).toBe('no element matches')
  })

  test('says when the selector is none', () => {
    expect(look('#board[')).toBe('is not a valid selector')
  })

  test.each<[string, Parameters<typeof place>[1], boolean]>([
    ['is hidden by CSS', {}, false],
    ['has no area (0×50)', { width: 0 }, true],
    ['has no area (100×0)', { height: 0 }, true],
    ['is outside the viewport', { x: -100 }, true],
    ['is outside the viewport', { y: -50 }, true],
    ['is outside the viewport', { x: window.innerWidth }, true],
    ['is outside the viewport', { y: window.innerHeight }, true],
  ])('says %s', (detail, box, shown) => {
    place(addElement('div', 'board'), box, shown)
    expect(look('#board')).toBe(detail)
  })

  test('is met by one pixel inside the viewport', () => {
    place(addElement('div', 'board'), { x: -99 })
    expect(look('#board')).toBeUndefined()
  })

  test('is met by what is seen in the place of an element without a box', () => {
    place(addElement('div', 'board'), {}, false).style.display = 'contents'
    expect(look('#board')).toBe('is hidden by CSS')
    document.querySelector('#board')?.append(place(document.createElement('p')))
    expect(look('#board')).toBeUndefined()
  })

  test('judges size and place alone in a browser without checkVisibility', () => {
    Object.assign(addElement('div', 'board'), { checkVisibility: undefined })
    expect(look('#board')).toBeUndefined()
  })

  test('is met when one of several can be seen, and else tells the fault of the first', () => {
    place(addElement('p', 'first'), { width: 0 })
    const second = place(addElement('p', 'second'), {}, false)
    expect(look('p')).toBe('has no area (0×50)')
    place(second)
    expect(look('p')).toBeUndefined()
  })

  test('looks first at what was seen last, and again for another when that is gone or does not match any more', () => {
    const seen: Seen = { good: [] }
    const first = addElement('p', 'first')
    first.className = 'now'
    addElement('p', 'second').className = 'now'
    const searched = vi.spyOn(document, 'querySelectorAll')
    for (let i = 0; i < 3; i++) expect(look('.now', seen)).toBeUndefined()
    expect(searched).toHaveBeenCalledOnce()
    first.className = ''
    expect(look('.now', seen)).toBeUndefined()
    expect(seen.good.map(({ id }) => id)).toEqual(['second'])
    seen.good[0]?.remove()
    expect(look('.now', seen)).toBe('no element matches')
  })

  test('looks again for one inside of another when any step to it does not match any more', () => {
    const seen: Seen = { good: [] }
    const outer = addElement('div', 'outer').attachShadow({ mode: 'open' })
    const inner = outer.appendChild(document.createElement('div'))
    inner.className = 'inner'
    inner.attachShadow({ mode: 'open' }).appendChild(place(document.createElement('p')))
    const met = () => look('#outer >>> .inner >>> p', seen)
    const searched = vi.spyOn(document, 'querySelectorAll')
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
    const seen: Seen = { good: [] }
    expect(look('p', seen, count)).toBe(detail)
    expect(look('p', seen, count), 'again').toBe(detail)
  })

  test.each<[Count, number, number]>([
    [2, 2, 2],
    [[1, 2], 3, 3],
    [[0, 9], 5, 5],
    ['all', 5, 5],
  ])('%j looks at %i of five, then at %i', (count, first, then) => {
    row(true, true, true, true, true)
    const judge = vi.fn(() => undefined)
    const seen: Seen = { good: [] }
    whyNotCounted('p', document, count, judge, seen)
    expect(judge).toHaveBeenCalledTimes(first)
    whyNotCounted('p', document, count, judge, seen)
    expect(judge).toHaveBeenCalledTimes(first + then)
  })

  test('tells of a selector that is none, whatever the count', () => {
    expect(look('p[', { good: [] }, [0, 3])).toBe('is not a valid selector')
  })
})
