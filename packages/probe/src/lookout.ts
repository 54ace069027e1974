import type { ProbeEnvironment } from './environment.ts'
import type { PageExpectation, ProbeOptions } from './probeTypes.ts'
import { retryDelay } from './sender/backoff.ts'
import { MAX_CHECK_WORDS } from './types.ts'
import type { View, Watch, WatchOptions } from './watchTypes.ts'

/** The watch of a page, which may still have to be loaded: it is in the second file. */
export interface Lookout {
  /** The watch, once it is there. */
  readonly watch: Watch | undefined
  /** @returns whether anything was new */
  expect(expectations: Pick<ProbeOptions, 'expect' | 'media'>, loaded: boolean): boolean
  /** Looks at the page; without a watch, says why there is none. A page that expects nothing needs none. */
  look(periodMs: number, loaded: boolean, framed: boolean): View
}

/** A plain string is a selector. */
const of =
  (kind: 'element' | 'media') =>
  (one: string | PageExpectation): PageExpectation =>
    typeof one === 'string' ? { [kind]: one } : one

/** Told in the place of all expectations as long as nobody can look at them. */
const NAME = 'probe-watch.js'

/**
 * The second file is loaded when something is expected. In vain, it is tried again after 1 s, 2 s, 4 s … 30 s for as
 * long as the page lives: without it no expectation can be met.
 *
 * @param tell is told of the first failure
 */
export const createLookout = (
  { window, clock, random, loadWatch }: ProbeEnvironment,
  options: Omit<WatchOptions, 'window'>,
  tell: (fault: unknown) => void,
): Lookout => {
  const { now } = clock
  const waiting: Parameters<Watch['add']>[] = []
  let nextAt = 0
  let failures = 0
  let detail = 'is being loaded'

  const load = async (): Promise<void> => {
    nextAt = Number.POSITIVE_INFINITY
    try {
      const { createWatch } = await loadWatch(failures)
      const watch = createWatch({ window, ...options })
      for (const one of waiting) watch.add(...one)
      lookout.watch = watch
    } catch (fault) {
      nextAt = now() + retryDelay(++failures, null, random())
      detail = `cannot be loaded: ${fault}`.slice(0, MAX_CHECK_WORDS)
      if (failures === 1) tell(fault)
    }
  }

  const lookout: { watch: Watch | undefined } & Lookout = {
    watch: undefined,
    expect({ expect = [], media = [] }, loaded) {
      const list = [...expect.map(of('element')), ...media.map(of('media'))]
      if (!list.length) return false
      if (lookout.watch) return lookout.watch.add(list, now(), loaded)
      waiting.push([list, now(), loaded])
      return true
    },
    look(periodMs, loaded, framed) {
      const wanted = waiting.length > 0
      if (wanted && now() >= nextAt) void load()
      return (
        lookout.watch?.look(now(), periodMs, loaded, framed) ?? {
          // A page that expects nothing is loaded when the browser says so.
          ok: !wanted && window.document.readyState === 'complete',
          checks: wanted && (failures || !loaded) ? [{ name: NAME, ok: false, detail }] : [],
          media: [],
          warnings: [],
          turned: [],
        }
      )
    },
  }
  return lookout
}
