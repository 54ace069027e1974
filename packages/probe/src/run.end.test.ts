import { describe, expect, test, vi } from 'vitest'
import { addElement } from './testing/page.ts'
import { ENDPOINT, watchedPage } from './testing/watchedPage.ts'

const page = watchedPage()
const { start, pass, last } = page

describe('how a probe ends', () => {
  test('superseded: sends nothing more, and emits an event', async () => {
    const superseded = vi.fn()
    const probe = start()
    probe.on('superseded', superseded)
    await pass(500)
    page.reporter.always = 410
    await pass(10_000)
    const requests = page.reporter.received.length
    expect(superseded).toHaveBeenCalledOnce()
    expect(probe.state).toMatchObject({ phase: 'superseded', sending: false })
    expect(vi.getTimerCount()).toBe(0)
    await pass(60_000)
    expect(page.reporter.received).toHaveLength(requests)
    probe.stop()
    expect(probe.state.phase).toBe('superseded')
  })

  test('refused: sends nothing more, keeps polling, and emits an error', async () => {
    page.reporter.always = 401
    const error = vi.fn()
    const probe = start({ expect: ['#board'] })
    probe.on('error', error)
    addElement('div', 'board')
    await pass(60_000)
    expect(page.reporter.received).toHaveLength(1)
    expect(probe.state).toMatchObject({ phase: 'loaded', sending: false })
    expect(error).toHaveBeenCalledOnce()
    expect(error.mock.calls[0]?.[0].message).toBe('the reporter refuses this page: detail of 401')
    expect(page.warned).toHaveBeenCalledOnce()
  })

  test('stop() ends timers, listeners and requests', async () => {
    const listeners = new Set<string>()
    const { addEventListener, removeEventListener } = window
    vi.spyOn(window, 'addEventListener').mockImplementation(
      (...args: Parameters<typeof addEventListener>) => {
        listeners.add(args[0])
        addEventListener.apply(window, args)
      },
    )
    vi.spyOn(window, 'removeEventListener').mockImplementation(
      (...args: Parameters<typeof removeEventListener>) => {
        listeners.delete(args[0])
        removeEventListener.apply(window, args)
      },
    )
    page.reporter.next = ['hang']
    const probe = start()
    await pass(500)
    expect([...listeners]).toEqual(['error', 'unhandledrejection', 'online', 'pagehide'])
    probe.stop()
    await pass(60_000)
    expect(vi.getTimerCount()).toBe(0)
    expect(page.reporter.received).toHaveLength(1)
    expect([...listeners]).toEqual([])
    expect(probe.state.phase).toBe('stopped')
  })

  test('bye is sent by beacon when the document is unloaded', async () => {
    const beacon = vi.fn((_url: string, _body: string) => true)
    start({}, { beacon })
    await pass(500)
    window.dispatchEvent(new Event('pagehide'))
    expect(beacon).toHaveBeenCalledOnce()
    const [url, body] = beacon.mock.calls[0] ?? []
    expect(url).toBe(`${ENDPOINT}/v1/reports`)
    expect(JSON.parse(body ?? '')).toMatchObject({ type: 'bye', seq: 3, sid: 'sid1' })
    expect(page.reporter.types).toEqual(['hello', 'loaded'])
  })

  test('continues after pagehide, if the document is not discarded', async () => {
    start()
    await pass(500)
    window.dispatchEvent(new Event('pagehide'))
    await pass(10_000)
    expect(page.reporter.types).toEqual(['hello', 'loaded', 'heartbeat'])
    // Report 3 is the bye. A beacon gets no answer, so the probe counts the bye as missed.
    expect(last()).toMatchObject({ seq: 4, missed: 1 })
  })
})
