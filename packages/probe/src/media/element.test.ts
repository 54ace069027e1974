import { afterEach, describe, expect, it } from 'vitest'
import { mediaSample } from '../testing/media.ts'
import { addElement } from '../testing/page.ts'
import { lookAtMedia, type WatchedMedia, watchMedia } from './element.ts'
import { mediaLimits } from './judge.ts'
import { type MediaSample, sample } from './sample.ts'

afterEach(() => {
  document.body.replaceChildren()
})

/** Looks `times` times, a second apart, at elements whose samples are told by their id. */
const look = (
  watched: WatchedMedia,
  times: number,
  tell: (id: string, at: number) => Partial<MediaSample>,
  from = 0,
): WatchedMedia => {
  for (let i = 0; i < times; i++) {
    const at = from + i * 1000
    const take = (element: Element) => mediaSample({ at, ...tell(element.id, at) })
    watched = lookAtMedia(watched, document, take, mediaLimits(), 1000)
  }
  return watched
}

const runs = (_: string, at: number) => ({ time: at / 1000, frames: at / 40 })

describe('lookAtMedia', () => {
  it('tells time and frames of media that play', () => {
    addElement('video', 'teacher')
    expect(look(watchMedia('video', false), 3, runs).check).toEqual({
      name: 'video',
      ok: true,
      time: 2,
      frames: 50,
    })
  })

  it('counts no frames of audio', () => {
    addElement('audio', 'voice')
    const audio = (id: string, at: number) => ({ ...runs(id, at), frames: undefined })
    expect(look(watchMedia('audio', false), 3, audio).check).toMatchObject({ ok: true, frames: 0 })
  })

  it('fails when nothing matches', () => {
    expect(look(watchMedia('video', true), 1, runs).check).toEqual({
      name: 'video',
      ok: false,
      time: 0,
      frames: 0,
      detail: 'no element matches',
    })
  })

  it('fails on an element that is no medium', () => {
    addElement('div', 'board')
    const take = (element: Element) => sample(element, 0)
    const { check } = lookAtMedia(watchMedia('#board', true), document, take, mediaLimits(), 1000)
    expect(check).toMatchObject({ ok: false, detail: '<div> is neither video nor audio' })
  })

  it('wants every element to play and tells which does not', () => {
    addElement('video', 'teacher')
    addElement('video', 'pupil')
    const pupilPaused = (id: string, at: number) => ({ ...runs(id, at), paused: id === 'pupil' })
    expect(look(watchMedia('video', false), 3, pupilPaused).check).toMatchObject({
      ok: false,
      time: 2,
      detail: 'element 2 of 2: paused',
    })
    expect(look(watchMedia('video', false), 3, runs).check).toMatchObject({ ok: true })
  })

  it('lets an element that takes the place of another inherit its verdict', () => {
    const first = addElement('video', 'first')
    const playing = look(watchMedia('video', false), 3, runs)
    first.replaceWith(addElement('video', 'second'))
    const replaced = look(playing, 1, runs, 3000)
    expect(replaced.check.ok).toBe(true)
    expect([...replaced.known.keys()].map((element) => element.id)).toEqual(['second'])
    expect(look(replaced, 4, () => ({ time: 3, frames: 75 }), 4000).check.ok).toBe(false)
  })

  it('wants proof of an element that appears after there was none', () => {
    addElement('video', 'first').remove()
    const missing = look(watchMedia('video', true), 1, runs)
    addElement('video', 'second')
    expect(look(missing, 1, runs, 1000).check).toMatchObject({ ok: false, detail: 'not yet seen to advance' })
    expect(look(missing, 3, runs, 1000).check.ok).toBe(true)
  })
})
