import { afterEach, describe, expect, test } from 'vitest'
import { mediaSample } from '../../testing/media.ts'
import { addElement } from '../../testing/page.ts'
import { evaluateMedia, type MediaPoll, type MediaResult } from './evaluateMedia.ts'
import { mediaLimits } from './judge.ts'
import { type MediaSample, sample } from './sample.ts'

afterEach(() => {
  document.body.replaceChildren()
})

const BLANK: MediaResult = { judgements: new Map(), detail: undefined, time: 0, frames: 0 }

const POLL: MediaPoll = {
  root: document,
  before: new Map(),
  wasOk: false,
  takeSample: (element) => sample(element, 0),
  limits: mediaLimits(),
  periodMs: 1000,
}

interface Polls {
  /** @default 1, a second apart */
  times?: number
  /** The result of the poll before. */
  last?: MediaResult
  /** When the first of them is. @default 0 */
  from?: number
  wasOk?: boolean
}

/** Polls elements whose samples are given by their id; returns the last result. */
const poll = (
  selector: string,
  sampleOf: (id: string, at: number) => Partial<MediaSample>,
  { times = 1, last = BLANK, from = 0, wasOk = false }: Polls = {},
): MediaResult => {
  let result = last
  for (let i = 0; i < times; i++) {
    const at = from + i * 1000
    const takeSample = (element: Element) => mediaSample({ at, ...sampleOf(element.id, at) })
    result = evaluateMedia(selector, { ...POLL, before: result.judgements, wasOk, takeSample })
  }
  return result
}

const runs = (_: string, at: number) => ({ time: at / 1000, frames: at / 40 })

describe('evaluateMedia', () => {
  test('returns time and frames of media that play', () => {
    addElement('video', 'teacher')
    expect(poll('video', runs, { times: 3 })).toMatchObject({ detail: undefined, time: 2, frames: 50 })
  })

  test('counts no frames of audio', () => {
    addElement('audio', 'voice')
    const audio = (id: string, at: number) => ({ ...runs(id, at), frames: undefined })
    expect(poll('audio', audio, { times: 3 })).toMatchObject({ detail: undefined, frames: 0 })
  })

  test('fails when nothing matches', () => {
    expect(poll('video', runs)).toEqual({ ...BLANK, detail: 'no element matches' })
  })

  test('fails on an element that is neither video nor audio', () => {
    addElement('div', 'board')
    expect(evaluateMedia('#board', { ...POLL, wasOk: true }).detail).toBe('<div> is neither video nor audio')
  })

  test('requires every element to play, and reports the first that does not', () => {
    addElement('video', 'teacher')
    addElement('video', 'pupil')
    const pupilPaused = (id: string, at: number) => ({ ...runs(id, at), paused: id === 'pupil' })
    expect(poll('video', pupilPaused, { times: 3 })).toMatchObject({
      time: 2,
      detail: 'element 2 of 2: paused',
    })
    expect(poll('video', runs, { times: 3 }).detail).toBeUndefined()
  })

  test('lets an element that replaces another inherit its verdict', () => {
    const first = addElement('video', 'first')
    const playing = poll('video', runs, { times: 3 })
    first.replaceWith(addElement('video', 'second'))
    const replaced = poll('video', runs, { last: playing, from: 3000, wasOk: true })
    expect(replaced.detail).toBeUndefined()
    expect([...replaced.judgements.keys()].map((element) => element.id)).toEqual(['second'])
    const stands = () => ({ time: 3, frames: 75 })
    const stalled = poll('video', stands, { times: 4, last: replaced, from: 4000, wasOk: true })
    expect(stalled.detail).toMatch(/^stalled/)
  })

  test('requires proof of an element that appears after there was none', () => {
    const missing = poll('video', runs)
    addElement('video', 'second')
    expect(poll('video', runs, { last: missing, from: 1000 }).detail).toBe('not yet seen to advance')
    expect(poll('video', runs, { times: 3, last: missing, from: 1000 }).detail).toBeUndefined()
  })
})
