import { type LookupAddress, lookup as systemLookup } from 'node:dns'

/** Resolves a name to all its addresses. */
export type Resolve = (hostname: string, done: ResolveDone) => void

type ResolveDone = (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void

/**
 * The system's lookup occupies one of libuv's four threads until it has an answer: up to half a minute if nothing answers
 * for the name. Agora's name is looked up by the same threads, so two of them are left to it.
 */
const MAX_LOOKUPS = 2

/** At most `maxLookups` names are looked up at the same time, and callers with the same name share one lookup. */
export const shareLookups = (resolve: Resolve, maxLookups: number = MAX_LOOKUPS): Resolve => {
  /** By name: who waits for its addresses. */
  const callers = new Map<string, ResolveDone[]>()
  const waiting: string[] = []
  let running = 0

  const lookUpNext = (): void => {
    const hostname = running < maxLookups ? waiting.shift() : undefined
    if (hostname === undefined) return
    running += 1
    resolve(hostname, (error, addresses) => {
      running -= 1
      const all = callers.get(hostname) ?? []
      callers.delete(hostname)
      lookUpNext()
      for (const done of all) done(error, addresses)
    })
  }

  return (hostname, done) => {
    const others = callers.get(hostname)
    if (others) {
      others.push(done)
      return
    }
    callers.set(hostname, [done])
    waiting.push(hostname)
    lookUpNext()
  }
}

/** For the names that users choose. One for the process, as its threads are. */
export const resolveChosenName: Resolve = shareLookups((hostname, done) =>
  systemLookup(hostname, { all: true }, done),
)
