import { afterEach, beforeEach, type MockInstance, vi } from 'vitest'
import type { ProbeEnvironment } from '../environment.ts'
import { createProbe } from '../probe.ts'
import type { Probe, ProbeOptions } from '../probeTypes.ts'
import type { Report } from '../types.ts'
import type { MediaSample } from '../watch/media/sample.ts'
import { createWatch } from '../watch/watch.ts'
import { type FakeReporter, fakeReporter } from './reporter.ts'

export const ENDPOINT = 'https://reporter.example.com'

type TakeSample = (element: Element, at: number) => MediaSample | undefined

/** A page with a probe; each test of the file gets a new one. */
export interface WatchedPage {
  reporter: FakeReporter
  /** The probe's warnings on the console. */
  warned: MockInstance<typeof console.warn>
  /** What the page sees of Agora's recorder. */
  recorder: Navigator & { notifyReady?: () => void }
  /** Starts a probe that has a token. */
  start(
    options?: Partial<ProbeOptions>,
    environment?: Partial<ProbeEnvironment> & { sample?: TakeSample },
  ): Probe
  /** Lets time pass, in milliseconds. */
  pass(ms: number): Promise<unknown>
  /** The last report that was answered with 200. */
  last(): Report
}

export const watchedPage = (): WatchedPage => {
  let probes: Probe[] = []
  const page: WatchedPage = {
    reporter: fakeReporter(),
    warned: vi.spyOn(console, 'warn'),
    recorder: navigator,
    start(options, { sample, ...environment } = {}) {
      const probe = createProbe(
        { endpoint: ENDPOINT, token: 't', ...options },
        {
          fetch: page.reporter.fetch,
          beacon: () => true,
          random: () => 0,
          afterFrame: (callback) => callback(true),
          loadWatch: async () => ({ createWatch: (options) => createWatch(options, sample) }),
          ...environment,
        },
      )
      probes.push(probe)
      return probe
    },
    pass: (ms) => vi.advanceTimersByTimeAsync(ms),
    last: () => page.reporter.kept.at(-1) as Report,
  }

  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
    page.warned = vi.spyOn(console, 'warn').mockImplementation(() => {})
    page.reporter = fakeReporter()
    probes = []
  })

  afterEach(() => {
    for (const probe of probes) probe.stop()
    document.body.replaceChildren()
    sessionStorage.clear()
    delete page.recorder.notifyReady
    vi.useRealTimers()
    vi.restoreAllMocks()
  })

  return page
}
