import { setTimeout as sleep } from 'node:timers/promises'
import { type Every, every } from './clock.ts'

/** Claims stored work whenever there may be some, and waits for what it has claimed. */
export interface ClaimLoop {
  /** To be called when there may be work to claim. Without effect before `begin` and after `end`. */
  poke(): void
  begin(): void
  /** Whether more may be claimed: it has begun, and has not been ended. */
  isAccepting(): boolean
  /**
   * Claims nothing more, and waits for what is running.
   * @param timeoutMs 6000 by default
   */
  end(timeoutMs?: number): Promise<void>
  /** Resolves when nothing is being claimed or running. */
  idle(): Promise<void>
}

/** Between two checks for work that has become due, or whose lease is over. */
const POLL_MS = 1000
/** Container platforms kill a process 10 s after asking it to end. */
const END_TIMEOUT_MS = 6000

export const createClaimLoop = (options: {
  /** One pass. Passes never overlap; a poke during one leads to another. */
  claim: () => Promise<void>
  onError: (err: unknown) => void
  /** What has been claimed and has not ended. None of them rejects. */
  running: () => readonly Promise<void>[]
  repeat?: Every | undefined
}): ClaimLoop => {
  const { claim, onError, running, repeat = every } = options
  let accepting = false
  let claiming: Promise<void> | undefined
  let claimAgain = false
  let endPolling = (): void => {}

  const claimAll = async (): Promise<void> => {
    do {
      claimAgain = false
      await claim()
    } while (claimAgain && accepting)
  }

  const poke = (): void => {
    if (!accepting) return
    claimAgain = true
    claiming ??= claimAll()
      .catch(onError)
      .finally(() => {
        claiming = undefined
        // A poke after the last claim and before this moment must not wait for the next poll.
        if (claimAgain) poke()
      })
  }

  const idle = async (): Promise<void> => {
    while (claiming || running().length > 0) await Promise.all([claiming, ...running()])
  }

  return {
    poke,
    begin: () => {
      accepting = true
      endPolling = repeat(POLL_MS, poke)
      poke()
    },
    isAccepting: () => accepting,
    end: async (timeoutMs = END_TIMEOUT_MS) => {
      accepting = false
      endPolling()
      await withTimeout(idle(), timeoutMs)
    },
    idle,
  }
}

const withTimeout = async (job: Promise<void>, timeoutMs: number): Promise<void> => {
  const ended = new AbortController()
  const timeout = sleep(timeoutMs, undefined, { signal: ended.signal }).catch(() => {})
  await Promise.race([job, timeout])
  ended.abort()
}
