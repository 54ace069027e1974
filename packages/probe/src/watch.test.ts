import { afterEach, describe, expect, it, vi } from 'vitest'
import { mediaLimits } from './media/judge.ts'
import { mediaSample } from './testing/media.ts'
import { addElement } from './testing/page.ts'
import { createWatch } from './watch.ts'

afterEach(() => {
  document.body.replaceChildren()
  vi.restoreAllMocks()
})

const watching = () => createWatch(document, (_, at) => mediaSample({ at, frames: at }), mediaLimits())

describe('createWatch', () => {
  it('with nothing to expect is met when the document is complete', () => {
    const state = vi.spyOn(document, 'readyState', 'get').mockReturnValue('interactive')
    const watch = watching()
    expect(watch.look(0, 250).ok).toBe(false)
    state.mockReturnValue('complete')
    expect(watch.look(250, 250)).toEqual({ ok: true, checks: [], media: [], turned: [] })
  })

  it('with something to expect does not wait for the document', () => {
    vi.spyOn(document, 'readyState', 'get').mockReturnValue('interactive')
    addElement('div', 'board')
    const watch = watching()
    watch.add(['#board'], [])
    expect(watch.look(0, 250).ok).toBe(true)
  })

  it('tells what turned, both ways, and only once', () => {
    const watch = watching()
    watch.add(['#board'], [])
    expect(watch.look(0, 250).turned).toEqual([])
    const board = addElement('div', 'board')
    expect(watch.look(250, 250).turned).toEqual([{ name: '#board', ok: true }])
    expect(watch.look(500, 250).turned).toEqual([])
    board.remove()
    expect(watch.look(750, 250).turned).toEqual([{ name: '#board', ok: false, detail: 'no element matches' }])
  })

  it('needs every expectation, media among them', () => {
    addElement('div', 'board')
    addElement('video', 'teacher')
    const watch = watching()
    watch.add(['#board'], ['video'])
    expect([0, 250, 500].map((at) => watch.look(at, 250).ok)).toEqual([false, false, true])
  })

  it('counts the same selector once and says whether anything was new', () => {
    const watch = watching()
    expect(watch.add(['#board', '#board'], ['video'])).toBe(true)
    expect(watch.add(['#board'], ['video'])).toBe(false)
    expect(watch.add(['video'], [])).toBe(true)
    expect(watch.look(0, 250)).toMatchObject({
      checks: [{ name: '#board' }, { name: 'video' }],
      media: [{ name: 'video' }],
    })
  })

  it('takes what is added in trust to be met until a look shows otherwise', () => {
    addElement('video', 'teacher')
    const watch = watching()
    watch.add(['#board'], ['video'], true)
    expect(watch.look(0, 1000).turned).toMatchObject([{ name: '#board', ok: false }])
  })
})
