import type { ProbeEnvironment } from './environment.ts'
import { natives } from './natives.ts'
import { retryDelay } from './sender/backoff.ts'
import { MAX_CHECK_LENGTH, type Warning } from './types.ts'
import type { Expected, Moment, PollResult, Watch, WatchOptions } from './watchTypes.ts'

/** Loads the second file once something is expected, and polls the page through it. */
export interface WatchLoader {
  /** Undefined until the second file has been loaded. */
  readonly watch: Watch | undefined
  /** @returns whether any expectation was new or changed */
  expect(expected: Expected, loaded: boolean): boolean
  /** Polls the page; until the second file is loaded, one failed check stands for all expectations. */
  poll(moment: Moment): PollResult
}

/** Name of the check that stands for all expectations while the second file is missing. */
const LOADING_CHECK = 'probe-watch.js'

/** For a page whose tag has lost its attributes, and whose recording expects nothing either. */
const NOTHING_EXPECTED: Warning = { name: 'expect', detail: 'nothing is checked' }

/**
 * If loading fails, it is retried after 1, 2, 4 … 30 s for as long as the page lives: without the second file no
 * expectation can be met.
 *
 * @param onInternalError receives the first failure
 */
export const createWatchLoader = (
  { window, clock, afterFrame, random, loadWatch }: ProbeEnvironment,
  options: Omit<WatchOptions, 'window' | 'natives'>,
  onInternalError: (fault: unknown) => void,
): WatchLoader => {
  let pending: Parameters<Watch['add']>[] = []
  let nextTryAt = 0
  let failures = 0
  let detail = 'is being loaded'

  const load = async (): Promise<void> => {
    nextTryAt = Number.POSITIVE_INFINITY
    try {
      const { createWatch } = await loadWatch(failures)
      const watch = createWatch({ window, natives: { ...natives, afterFrame, clock }, ...options })
      for (const args of pending) watch.add(...args)
      loader.watch = watch
    } catch (fault) {
      nextTryAt = clock.now() + retryDelay(++failures, random())
      detail = natives.String.slice(`cannot be loaded: ${fault}`, 0, MAX_CHECK_LENGTH)
      if (failures === 1) onInternalError(fault)
    }
  }

  const loader: { watch: Watch | undefined } & WatchLoader = {
    watch: undefined,
    expect(given, loaded) {
      // Without a prototype, which a page may have extended.
      const expected = { __proto__: null, ...given }
      const { expect, media, tag } = expected
      // The recording may no longer expect what it did.
      if (!(expect?.length || media?.length || tag || pending.length)) return false
      if (loader.watch) return loader.watch.add(expected, clock.now(), loaded)
      pending = [...pending, [expected, clock.now(), loaded]]
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
          warnings: needed || !moment.loaded ? [] : [NOTHING_EXPECTED],
          changed: [],
        }
      )
    },
  }
  return loader
}
