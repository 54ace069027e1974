import { afterEach, describe, expect, test } from 'vitest'
import { mediaSample } from '../../testing/media.ts'
import { addElement } from '../../testing/page.ts'
import { lookAtMedia, type MediaLook } from './element.ts'
import { mediaLimits } from './judge.ts'
import { type MediaSample, sample } from './sample.ts'

afterEach(() => {
  document.body.replaceChildren()
})

const BLANK: MediaLook = { known: new Map(), detail: undefined, time: 0, frames: 0 }

/** Looks `times` times, a second apart, at elements whose samples are told by their id. */
const look = (
  selector: string,
  times: number,
  tell: (id: string, at: number) => Partial<MediaSample>,
  before = BLANK,
  from = 0,
  believed = false,
): MediaLook => {
  let last = before
  for (let i = 0; i < times; i++) {
    const at = from + i * 1000
    const take = (element: Element) => mediaSample({ at, ...tell(element.id, at) })
    last = lookAtMedia(selector, document, last.known, believed, take, mediaLimits(), 1000)
  }
  return last
}

const runs = (_: string, at: number) => ({ time: at / 1000, frames: at / 40 })

describe('lookAtMedia', () => {
  test('tells time and frames of media that play', () => {
    addElement('video', 'teacher')
    expect(look('video', 3, runs)).toMatchObject({ detail: undefined, time: 2, frames: 50 })
  })

  test('counts no frames of audio', () => {
    addElement('audio', 'voice')
    const audio = (id: string, at: number) => ({ ...runs(id, at), frames: undefined })
    expect(look('audio', 3, audio)).toMatchObject({ detail: undefined, frames: 0 })
  })

  test('fails when nothing matches', () => {
    expect(look('video', 1, runs)).toEqual({ ...BLANK, detail: 'no element matches' })
  })

  test('fails on an element that is no medium', () => {
    addElement('div', 'board')
    const take = (element: Element) => sample(element, 0)
    expect(lookAtMedia('#board', document, new Map(), true, take, mediaLimits(), 1000)).toMatchObject({
      detail: '<div> is neither video nor audio',
    })
  })

  test('wants every element to play and tells which does not', () => {
    addElement('video', 'teacher')
    addElement('video', 'pupil')
    const pupilPaused = (id: string, at: number) => ({ ...runs(id, at), paused: id === 'pupil' })
    expect(look('video', 3, pupilPaused)).toMatchObject({ time: 2, detail: 'element 2 of 2: paused' })
    expect(look('video', 3, runs).detail).toBeUndefined()
  })

  test('lets an element that takes the place of another inherit its verdict', () => {
    const first = addElement('video', 'first')
    const playing = look('video', 3, runs)
    first.replaceWith(addElement('video', 'second'))
    const replaced = look('video', 1, runs, playing, 3000, true)
    expect(replaced.detail).toBeUndefined()
    expect([...replaced.known.keys()].map((element) => element.id)).toEqual(['second'])
    const still = look('video', 4, () => ({ time: 3, frames: 75 }), replaced, 4000, true)
    expect(still.detail).toMatch(/^stalled/)
  })

  test('wants proof of an element that appears after there was none', () => {
    const missing = look('video', 1, runs)
    addElement('video', 'second')
    expect(look('video', 1, runs, missing, 1000).detail).toBe('not yet seen to advance')
    expect(look('video', 3, runs, missing, 1000).detail).toBeUndefined()
  })
})
