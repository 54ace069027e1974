import { setImmediate as nextEventLoopTurn } from 'node:timers/promises'

/** A `fetch` that knows whether its requests have been answered. */
export interface CountedFetch {
  fetch: typeof fetch
  /**
   * Resolves once all requests have been answered and nothing that they cause sends another one, or once those that are
   * open wait for time to pass.
   */
  settle(): Promise<void>
}

/** From an answer to what follows from it, the reporter needs a few turns of the event loop: its commits wait for one. */
const QUIET_TURNS = 20

/** Both ends are in this process: a request that makes no progress for so long waits for a timer of the virtual time. */
const STALLED_TURNS = 200
const STALLED_MS = 20

/** Statuses whose answers have no body. */
const WITHOUT_BODY = new Set([204, 304])

export const createCountedFetch = (send: typeof fetch): CountedFetch => {
  let open = 0
  /** Requests begun and ended. */
  let steps = 0
  const isStalled = async (): Promise<boolean> => {
    const [before, since] = [steps, performance.now()]
    for (let turns = 0; turns < STALLED_TURNS || performance.now() - since < STALLED_MS; turns += 1) {
      await nextEventLoopTurn()
      if (steps !== before) return false
    }
    return true
  }
  return {
    fetch: async (...request) => {
      open += 1
      steps += 1
      try {
        const answer = await send(...request)
        // Read here, so that a body that is on its way counts as well.
        const body = await answer.arrayBuffer()
        return new Response(WITHOUT_BODY.has(answer.status) ? null : body, answer)
      } finally {
        open -= 1
        steps += 1
      }
    },
    settle: async () => {
      for (let quiet = 0; quiet < QUIET_TURNS; quiet += 1) {
        await nextEventLoopTurn()
        if (open === 0) continue
        if (await isStalled()) return
        quiet = 0
      }
    },
  }
}
