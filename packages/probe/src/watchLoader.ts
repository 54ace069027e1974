import type { ProbeEnvironment } from './environment.ts'
import { captureNatives } from './natives.ts'
import type { PageExpectation, ProbeOptions } from './probeTypes.ts'
import { retryDelay } from './sender/backoff.ts'
import { MAX_CHECK_LENGTH } from './types.ts'
import type { Moment, PollResult, Watch, WatchOptions } from './watchTypes.ts'

/** Loads the second file once something is expected, and polls the page through it. */
export interface WatchLoader {
  /** Undefined until the second file has been loaded. */
  readonly watch: Watch | undefined
  /** @returns whether any expectation was new or changed */
  expect(expectations: Pick<ProbeOptions, 'expect' | 'media'>, loaded: boolean): boolean
  /** Polls the page; until the second file is loaded, one failed check stands for all expectations. */
  poll(moment: Moment): PollResult
}

/** A plain string is a selector. */
const expectationOf =
  (kind: 'element' | 'media') =>
  (one: string | PageExpectation): PageExpectation =>
    typeof one === 'string' ? { [kind]: one } : one

/** Name of the check that stands for all expectations while the second file is missing. */
const LOADING_CHECK = 'probe-watch.js'

/**
 * If loading fails, it is retried after 1, 2, 4 … 30 s for as long as the page lives: without the second file no
 * expectation can be met.
 *
 * @param onInternalError receives the first failure
 */
export const createWatchLoader = (
  { window, clock, random, loadWatch }: ProbeEnvironment,
  options: Omit<WatchOptions, 'window' | 'natives'>,
  onInternalError: (fault: unknown) => void,
): WatchLoader => {
  const natives = captureNatives(window)
  const pending: Parameters<Watch['add']>[] = []
  let nextTryAt = 0
  let failures = 0
  let detail = 'is being loaded'

  const load = async (): Promise<void> => {
    nextTryAt = Number.POSITIVE_INFINITY
    try {
      const { createWatch } = await loadWatch(failures)
      const watch = createWatch({ window, natives, ...options })
      for (const args of pending) watch.add(...args)
      loader.watch = watch
    } catch (fault) {
      nextTryAt = clock.now() + retryDelay(++failures, random())
      detail = `cannot be loaded: ${fault}`.slice(0, MAX_CHECK_LENGTH)
      if (failures === 1) onInternalError(fault)
    }
  }

  const loader: { watch: Watch | undefined } & WatchLoader = {
    watch: undefined,
    expect({ expect = [], media = [] }, loaded) {
      const list = [...expect.map(expectationOf('element')), ...media.map(expectationOf('media'))]
      if (!list.length) return false
      if (loader.watch) return loader.watch.add(list, clock.now(), loaded)
      pending.push([list, clock.now(), loaded])
      return true
    },
    poll(moment) {
      const needed = pending.length > 0
      if (needed && moment.at >= nextTryAt) void load()
      return (
        loader.watch?.poll(moment) ?? {
          // Without expectations the page is loaded when the browser says so.
          ok: !needed && window.document.readyState === 'complete',
          checks: needed && (failures || !moment.loaded) ? [{ name: LOADING_CHECK, ok: false, detail }] : [],
          media: [],
          warnings: [],
          changed: [],
        }
      )
    },
  }
  return loader
}
