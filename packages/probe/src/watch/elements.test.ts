import { afterEach, describe, expect, it, vi } from 'vitest'
import type { PageExpectation } from '../probe-types.ts'
import { addElement, place } from '../testing/page.ts'
import { type Seen, whyNotCounted, whyNotSeen, whyNotShown } from './elements.ts'

afterEach(() => {
  document.body.replaceChildren()
  vi.restoreAllMocks()
})

const look = (selector: string, seen: Seen = {}) => whyNotSeen(selector, document, seen)

describe('whyNotSeen', () => {
  it('is met by an element that can be seen', () => {
    addElement('div', 'board')
    expect(look('#board')).toBeUndefined()
  })

  it('says when nothing matches', () => {
    expect(look('#board')).toBe('no element matches')
  })

  it('says when the selector is none', () => {
    expect(look('#board[')).toBe('is not a valid selector')
  })

  it.each<[string, Parameters<typeof place>[1], boolean]>([
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

  it('is met by one pixel inside the viewport', () => {
    place(addElement('div', 'board'), { x: -99 })
    expect(look('#board')).toBeUndefined()
  })

  it('judges size and place alone in a browser without checkVisibility', () => {
    Object.assign(addElement('div', 'board'), { checkVisibility: undefined })
    expect(look('#board')).toBeUndefined()
  })

  it('is met when one of several can be seen, and else tells the fault of the first', () => {
    place(addElement('p', 'first'), { width: 0 })
    const second = place(addElement('p', 'second'), {}, false)
    expect(look('p')).toBe('has no area (0×50)')
    place(second)
    expect(look('p')).toBeUndefined()
  })

  it('looks first at what was seen last, and again for another when that is gone or does not match any more', () => {
    const seen: Seen = {}
    const first = addElement('p', 'first')
    first.className = 'now'
    addElement('p', 'second').className = 'now'
    const searched = vi.spyOn(document, 'querySelectorAll')
    for (let i = 0; i < 3; i++) expect(look('.now', seen)).toBeUndefined()
    expect(searched).toHaveBeenCalledOnce()
    first.className = ''
    expect(look('.now', seen)).toBeUndefined()
    expect(seen.last?.id).toBe('second')
    seen.last?.remove()
    expect(look('.now', seen)).toBe('no element matches')
  })
})

describe('whyNotCounted', () => {
  const row = (...shown: boolean[]) => {
    for (const [i, one] of shown.entries()) place(addElement('p', `p${i}`), {}, one)
  }
  const counted = (count: PageExpectation['count'], whole = false) => {
    const expectation = { count }
    return whyNotCounted('p', document, expectation, whole, (one) => whyNotShown(one, expectation))
  }

  it.each<[PageExpectation['count'], boolean[], string | undefined]>([
    [undefined, [false, true], undefined],
    [undefined, [false], 'is hidden by CSS'],
    [undefined, [], 'no element matches'],
    [2, [true, true, false], undefined],
    [2, [true, false], '1 of 2 can be seen, expected at least 2: one is hidden by CSS'],
    [2, [true], '1 of 1 can be seen, expected at least 2'],
    [[1, 2], [true, true, false], undefined],
    [[1, 2], [true, true, true], '3 of 3 can be seen, expected at most 2'],
    [[0, 0], [], undefined],
    [[0, 0], [true], '1 of 1 can be seen, expected at most 0'],
  ])('count %j of %j: %s', (count, shown, detail) => {
    row(...shown)
    expect(counted(count)).toBe(detail)
  })

  it('wants all of them where the whole is asked for and no number', () => {
    row(true, false)
    expect(counted(undefined, true)).toBe('is hidden by CSS')
    expect(counted(1, true)).toBeUndefined()
  })

  it('tells of a selector that is none, whatever the count', () => {
    expect(whyNotCounted('p[', document, { count: [0, 3] }, false, () => undefined)).toBe(
      'is not a valid selector',
    )
  })
})
