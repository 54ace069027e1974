import { describe, expect, test, vi } from 'vitest'
import { createProbe } from './index.ts'
import { mediaSample } from './testing/media.ts'
import { addElement } from './testing/page.ts'
import { ENDPOINT, watchedPage } from './testing/watchedPage.ts'

const page = watchedPage()
const { start, pass, last } = page

describe('without a token', () => {
  test('does nothing at all, and calls have no effect', async () => {
    const listened = vi.spyOn(window, 'addEventListener')
    const probe = start({ token: undefined, expect: ['#board'] })
    probe.on('loaded', () => {})()
    probe.note({ slide: 1 })
    await pass(60_000)
    expect(page.reporter.received).toEqual([])
    expect(vi.getTimerCount()).toBe(0)
    expect(listened).not.toHaveBeenCalled()
    expect(sessionStorage).toHaveLength(0)
    expect(probe.state.phase).toBe('dormant')
    probe.stop()
    expect(probe.state.phase).toBe('dormant')
  })
})

test('imported on a server, it is dormant', () => {
  vi.stubGlobal('window', undefined)
  try {
    expect(createProbe({ endpoint: ENDPOINT, token: 't' }).state.phase).toBe('dormant')
  } finally {
    vi.unstubAllGlobals()
  }
  expect(page.warned).not.toHaveBeenCalled()
})

describe('note', () => {
  test('is in the next report, once', async () => {
    const probe = start({ expect: ['#board'] })
    await pass(500)
    const data = { slide: 3 }
    probe.note(data)
    data.slide = 4
    await pass(20_000)
    expect(page.reporter.kept.map((report) => report.note)).toEqual([undefined, { slide: 3 }, undefined])
  })

  test.each<[string, unknown]>([
    ['is too large', 'ä'.repeat(600)],
    ['is nothing', undefined],
    ['cannot be JSON', 1n],
  ])('that %s emits an error', async (_, data) => {
    const error = vi.fn()
    const probe = start()
    probe.on('error', error)
    probe.note(data)
    expect(error).toHaveBeenCalledOnce()
    await pass(10_500)
    expect(last()).not.toHaveProperty('note')
  })
})

describe('manners', () => {
  test('a listener that throws affects neither the others nor the probe', async () => {
    const probe = start()
    const second = vi.fn()
    for (const event of ['hello', 'loaded', 'heartbeat', 'check', 'error'] as const) {
      probe.on(event, () => {
        throw new Error('listener')
      })
    }
    probe.on('loaded', second)
    await pass(21_000)
    expect(second).toHaveBeenCalledOnce()
    expect(page.reporter.types).toEqual(['hello', 'loaded', 'heartbeat', 'heartbeat'])
  })

  test('a listener can be removed', async () => {
    const loaded = vi.fn()
    start().on('loaded', loaded)()
    await pass(1000)
    expect(loaded).not.toHaveBeenCalled()
  })

  test('an element that throws when it is checked is a failed check', async () => {
    let broken = true
    const sample = (_: Element, at: number) => {
      if (broken) throw new TypeError('patched')
      return mediaSample({ at, frames: at })
    }
    const complete = () => {
      if (broken) throw new TypeError('patched')
      return true
    }
    Object.defineProperty(addElement('img', 'board'), 'complete', { get: complete })
    addElement('video', 'teacher')
    const expectation = { image: '#board', name: '#board' }
    const probe = start({ expect: [expectation], media: ['video'] }, { sample })
    await pass(500)
    const detail = 'cannot be checked: TypeError: patched'
    expect(probe.state.checks).toEqual([{ name: '#board', ok: false, detail }])
    expect(probe.state.media).toMatchObject([{ name: 'video', ok: false, detail }])
    broken = false
    await pass(1500)
    expect(probe.state.media).toMatchObject([{ ok: true }])
  })

  test('a tick that throws emits an error, and the next one follows', async () => {
    const error = vi.fn()
    start().on('error', error)
    await pass(1000)
    const hidden = vi.spyOn(document, 'hidden', 'get').mockImplementation(() => {
      throw new Error('patched')
    })
    await pass(10_000)
    expect(error).toHaveBeenCalled()
    hidden.mockRestore()
    await pass(10_000)
    expect(page.reporter.types).toEqual(['hello', 'loaded', 'heartbeat'])
  })

  test('a fetch that throws synchronously is a failure like any other', async () => {
    const fetch = vi.fn((): never => {
      throw new Error('patched')
    })
    const probe = start({}, { fetch })
    await pass(3500)
    expect(fetch).toHaveBeenCalledTimes(3)
    expect(probe.state.phase).toBe('loaded')
  })

  test.each([0, -1, Number.NaN])('a stall of %d causes a warning, and the default is used', async (stall) => {
    addElement('div', 'board')
    start({ stall, expect: ['#board'] })
    await pass(500)
    expect(page.reporter.types).toEqual(['hello', 'loaded'])
    expect(last().warnings).toMatchObject([{ name: 'stall' }])
  })

  test('an invalid endpoint does not throw into the page', () => {
    const probe = start({ endpoint: 'http://[' })
    expect(page.warned).toHaveBeenCalledOnce()
    expect(probe.state.phase).toBe('dormant')
  })

  test('does not change the document', async () => {
    addElement('div', 'board')
    const before = document.documentElement.outerHTML
    start({ expect: ['#board'] })
    await pass(20_000)
    expect(document.documentElement.outerHTML).toBe(before)
  })
})
