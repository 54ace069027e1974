import { describe, expect, test, vi } from 'vitest'
import { mediaSample } from './testing/media.ts'
import { addElement } from './testing/page.ts'
import { ENDPOINT, watchedPage } from './testing/watchedPage.ts'

const page = watchedPage()
const { start, pass, last } = page

describe('hello', () => {
  test('is sent immediately, with the checks of the page', async () => {
    start({ expect: ['#board'], media: ['video'] })
    await pass(0)
    expect(page.reporter.kept).toEqual([
      {
        v: 1,
        token: 't',
        type: 'hello',
        page: expect.stringMatching(/^[0-9a-z]{8,}$/),
        seq: 1,
        at: expect.any(Number),
        // The second file, which makes the other checks, is still being loaded.
        checks: [{ name: 'probe-watch.js', ok: false, detail: 'is being loaded' }],
        media: [],
        warnings: [],
        visible: true,
        late: 0,
        errors: 0,
        failed: 0,
        frames: 0,
        missed: 0,
      },
    ])
  })

  test('is sent to the endpoint, with or without a slash at its end', async () => {
    const fetch = vi.fn(page.reporter.fetch)
    for (const endpoint of [ENDPOINT, `${ENDPOINT}/`, `${ENDPOINT}/base/`]) start({ endpoint }, { fetch })
    await pass(0)
    expect(fetch.mock.calls.map(([url]) => url)).toEqual([
      `${ENDPOINT}/v1/reports`,
      `${ENDPOINT}/v1/reports`,
      `${ENDPOINT}/base/v1/reports`,
    ])
  })

  test('emits an event with the answer, once', async () => {
    const hello = vi.fn()
    start().on('hello', hello)
    await pass(30_000)
    expect(hello).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ sid: 'sid1', attempt: 1 }))
  })

  test('takes the token from the URL', async () => {
    history.replaceState(null, '', '/room?stillrolling=from-url')
    start({ token: undefined })
    history.replaceState(null, '', '/room')
    await pass(0)
    expect(last().token).toBe('from-url')
  })

  test('has another page id in each document', async () => {
    start()
    start()
    await pass(0)
    expect(new Set(page.reporter.kept.map((report) => report.page)).size).toBe(2)
  })
})

describe('loaded', () => {
  test('is sent once, when two consecutive polls have found every expectation met', async () => {
    const loaded = vi.fn()
    const probe = start({ expect: ['#board'] })
    probe.on('loaded', loaded)
    await pass(1000)
    expect(page.reporter.types).toEqual(['hello'])
    addElement('div', 'board')
    await pass(250)
    expect(probe.state.phase).toBe('loading')
    await pass(250)
    expect(page.reporter.types).toEqual(['hello', 'loaded'])
    expect(last()).toMatchObject({ seq: 2, sid: 'sid1', checks: [{ name: '#board', ok: true }] })
    document.body.replaceChildren()
    await pass(5000)
    addElement('div', 'board')
    await pass(5000)
    expect(loaded).toHaveBeenCalledOnce()
    expect(page.reporter.types.filter((type) => type === 'loaded')).toHaveLength(1)
  })

  test('is not sent when an expectation is met only in every other poll', async () => {
    start({ expect: ['#board'] })
    for (let i = 0; i < 4; i++) {
      const board = addElement('div', 'board')
      await pass(250)
      board.remove()
      await pass(250)
    }
    expect(page.reporter.types).toEqual(['hello'])
  })

  test('waits for the expectations of the recording, in addition to those of the page', async () => {
    page.reporter.always = { expect: ['#board', '#clock'], media: ['video'] }
    addElement('div', 'board')
    const probe = start({ expect: ['#board'] })
    await pass(2000)
    expect(probe.state.phase).toBe('loading')
    expect(probe.state.checks.map(({ name, ok }) => [name, ok])).toEqual([
      ['#board', true],
      ['#clock', false],
    ])
    expect(probe.state.media).toMatchObject([{ name: 'video', ok: false }])
  })

  test('is not sent before the reporter has answered or a request has timed out', async () => {
    page.reporter.next = ['hang']
    addElement('div', 'board')
    const probe = start({ expect: ['#board'] })
    await pass(9999)
    expect(probe.state.phase).toBe('loading')
    await pass(1000)
    expect(probe.state.phase).toBe('loaded')
  })

  test('does not need the reporter, and is delivered when it can be reached', async () => {
    page.reporter.always = 'offline'
    page.recorder.notifyReady = vi.fn()
    addElement('div', 'board')
    start({ expect: ['#board'] })
    await pass(500)
    expect(page.recorder.notifyReady).toHaveBeenCalledOnce()
    await pass(60_000)
    page.reporter.always = {}
    await pass(30_000)
    expect(page.reporter.types.slice(0, 2)).toEqual(['hello', 'loaded'])
    expect(
      page.reporter.kept.map((report) => report.missed).reduce((sum, missed) => sum + missed),
    ).toBeGreaterThan(0)
  })

  test('waits for media to play', async () => {
    addElement('video', 'teacher')
    let frames = 0
    const probe = start({ media: ['video'] }, { sample: (_, at) => mediaSample({ at, frames, time: 1 }) })
    await pass(1000)
    expect(probe.state.media[0]).toMatchObject({ ok: false, detail: 'not yet seen to advance' })
    for (let i = 0; i < 4; i++) {
      frames++
      await pass(250)
    }
    expect(probe.state.phase).toBe('loaded')
    expect(last()).toMatchObject({ type: 'loaded', media: [{ name: 'video', ok: true, time: 1 }] })
  })
})

describe('notifyReady', () => {
  test('is not called before the page is loaded', async () => {
    page.recorder.notifyReady = vi.fn()
    start({ expect: ['#board'] })
    await pass(60_000)
    expect(page.recorder.notifyReady).not.toHaveBeenCalled()
  })

  test('is called once, in the first tick in which it exists', async () => {
    const probe = start()
    await pass(5000)
    expect(probe.state).toMatchObject({ phase: 'loaded', notified: false })
    page.recorder.notifyReady = vi.fn()
    await pass(1000)
    expect(probe.state.notified).toBe(true)
    await pass(30_000)
    expect(page.recorder.notifyReady).toHaveBeenCalledOnce()
  })

  test('is called once even if it throws, which emits an error', async () => {
    const fault = new Error('recorder is broken')
    page.recorder.notifyReady = vi.fn(() => {
      throw fault
    })
    const error = vi.fn()
    start().on('error', error)
    await pass(30_000)
    expect(page.recorder.notifyReady).toHaveBeenCalledOnce()
    expect(error).toHaveBeenCalledExactlyOnceWith(fault)
    expect(page.reporter.types).toContain('heartbeat')
  })

  test('is called although the reporter refuses the page', async () => {
    page.reporter.always = 401
    page.recorder.notifyReady = vi.fn()
    start()
    await pass(1000)
    expect(page.recorder.notifyReady).toHaveBeenCalledOnce()
  })

  test('is not called in a superseded page', async () => {
    page.reporter.always = 410
    page.recorder.notifyReady = vi.fn()
    start()
    await pass(30_000)
    expect(page.recorder.notifyReady).not.toHaveBeenCalled()
  })
})

describe('expectations that the page adds later', () => {
  test('are all kept, also functions without a name', async () => {
    const probe = start({ expect: ['#board'] })
    addElement('div', 'board')
    probe.expect({ name: 'first', test: () => true })
    probe.expect({ name: 'second', test: () => false })
    probe.expect({ test: () => 1 })
    probe.expect({ test: () => 0 })
    await pass(1000)
    expect(probe.state.checks.map(({ ok }) => ok)).toEqual([true, true, false, true, false])
    probe.expect({ name: 'second', test: () => true })
    probe.expect({ test: () => 0, name: 'second' })
    await pass(1000)
    expect(probe.state.checks[2]).toMatchObject({ name: 'second', ok: false })
  })
})
