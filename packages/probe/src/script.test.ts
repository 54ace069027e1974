import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { type FakeReporter, fakeReporter } from './testing/reporter.ts'

let reporter: FakeReporter

/** Runs the script as a tag of the page would. */
const runTag = async (attributes: Record<string, string> = {}) => {
  const script = document.createElement('script')
  script.setAttribute('src', 'https://reporter.example.com/probe.js')
  for (const [name, value] of Object.entries(attributes)) script.setAttribute(name, value)
  vi.spyOn(document, 'currentScript', 'get').mockReturnValue(script)
  vi.resetModules()
  await import('./script.ts')
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
  reporter = fakeReporter()
  vi.stubGlobal('fetch', reporter.fetch)
  vi.stubGlobal('WATCH_FILE', 'probe-watch.test.js')
})

afterEach(() => {
  window.Stillrolling?.stop?.()
  Reflect.deleteProperty(window, 'Stillrolling')
  vi.useRealTimers()
  vi.unstubAllGlobals()
  vi.restoreAllMocks()
})

describe('the script tag', () => {
  test('starts the probe with its attributes', async () => {
    await runTag({ 'data-token': 't', 'data-expect': '#board' })
    await vi.advanceTimersByTimeAsync(0)
    expect(reporter.kept).toMatchObject([
      { type: 'hello', token: 't', checks: [{ name: 'probe-watch.js', detail: 'is being loaded' }] },
    ])
    expect(window.Stillrolling?.state.phase).toBe('loading')
  })

  test('is dormant on an ordinary visit', async () => {
    await runTag({ 'data-expect': '#board' })
    await vi.advanceTimersByTimeAsync(60_000)
    expect(reporter.received).toEqual([])
    expect(window.Stillrolling?.state.phase).toBe('dormant')
  })

  test('runs once, even if the page contains it twice', async () => {
    await runTag({ 'data-token': 't' })
    const first = window.Stillrolling
    await runTag({ 'data-token': 't' })
    await vi.advanceTimersByTimeAsync(0)
    expect(reporter.kept).toHaveLength(1)
    expect(window.Stillrolling).toBe(first)
  })

  test("does not overwrite the page's own global, and runs", async () => {
    const own = { stop: vi.fn() }
    Object.assign(window, { Stillrolling: own })
    await runTag({ 'data-token': 't' })
    await vi.advanceTimersByTimeAsync(0)
    expect(reporter.kept).toHaveLength(1)
    expect(window.Stillrolling).toBe(own)
  })

  test('does nothing as a module, where it cannot find its tag', async () => {
    vi.spyOn(document, 'currentScript', 'get').mockReturnValue(null)
    vi.resetModules()
    await import('./script.ts')
    expect(window.Stillrolling).toBeUndefined()
  })

  test('does not throw into the page when it is an inline script with an invalid endpoint', async () => {
    const warned = vi.spyOn(console, 'warn').mockImplementation(() => {})
    const inline = { src: '', dataset: { token: 't', endpoint: 'http://[' } as object } as HTMLScriptElement
    vi.spyOn(document, 'currentScript', 'get').mockReturnValue(inline)
    vi.resetModules()
    await import('./script.ts')
    expect(warned).toHaveBeenCalledOnce()
  })
})
