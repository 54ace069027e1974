import { afterEach, describe, expect, it } from 'vitest'
import { addElement, place } from '../testing/page.ts'
import { checkElement } from './element.ts'

afterEach(() => {
  document.body.replaceChildren()
})

describe('checkElement', () => {
  it('is met by an element that can be seen', () => {
    addElement('div', 'board')
    expect(checkElement('#board', document)).toEqual({ name: '#board', ok: true })
  })

  it('says when nothing matches', () => {
    expect(checkElement('#board', document)).toEqual({
      name: '#board',
      ok: false,
      detail: 'no element matches',
    })
  })

  it('says when the selector is none', () => {
    expect(checkElement('#board[', document)).toMatchObject({ ok: false, detail: 'is not a valid selector' })
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
    expect(checkElement('#board', document)).toEqual({ name: '#board', ok: false, detail })
  })

  it('is met by one pixel inside the viewport', () => {
    place(addElement('div', 'board'), { x: -99 })
    expect(checkElement('#board', document).ok).toBe(true)
  })

  it('judges size and place alone in a browser without checkVisibility', () => {
    Object.assign(addElement('div', 'board'), { checkVisibility: undefined })
    expect(checkElement('#board', document).ok).toBe(true)
  })

  it('is met when one of several can be seen, and else tells the fault of the first', () => {
    place(addElement('p', 'first'), { width: 0 })
    const second = place(addElement('p', 'second'), {}, false)
    expect(checkElement('p', document)).toMatchObject({ ok: false, detail: 'has no area (0×50)' })
    place(second)
    expect(checkElement('p', document)).toEqual({ name: 'p', ok: true })
  })
})
