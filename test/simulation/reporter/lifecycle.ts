import type { VirtualTime } from '../virtualTime.ts'

/** Whether a simulated process runs. Everything that reaches the process goes through `deliver` or `after`. */
export interface Lifecycle {
  isAlive(): boolean
  isSuspended(): boolean
  now(): number
  /** Runs the callback: now, or on resumption if the process is suspended, or never if it is dead. */
  deliver(run: () => void): void
  /** A timer of the process. */
  after(delayMs: number, run: () => void): () => void
  kill(): void
  /** Kills the process at this step, counted from now; null cancels that. */
  killAt(step: number | null): void
  isKillPlanned(): boolean
  /**
   * Marks a point at which the process can die: the beginning and the end of each store verb and each request.
   * @returns a promise that never resolves if the process dies here
   */
  step(): Promise<void> | undefined
  suspend(): void
  /** @returns how many milliseconds the process was suspended; 0 if it was not */
  resume(): number
}

const never = <T>(): Promise<T> => new Promise(() => {})

export const createLifecycle = (time: VirtualTime, onDeath: () => void): Lifecycle => {
  let alive = true
  let suspendedAt: number | null = null
  let stepsLeft: number | null = null
  let undelivered: (() => void)[] = []

  const deliver = (run: () => void): void => {
    if (!alive) return
    if (suspendedAt !== null) undelivered.push(run)
    else run()
  }
  const kill = (): void => {
    if (!alive) return
    alive = false
    onDeath()
  }
  return {
    isAlive: () => alive,
    isSuspended: () => suspendedAt !== null,
    now: time.now,
    deliver,
    after: (delayMs, run) => time.after(delayMs, () => deliver(run)),
    kill,
    killAt: (step) => {
      stepsLeft = step
    },
    isKillPlanned: () => stepsLeft !== null,
    step: () => {
      if (stepsLeft === null || stepsLeft-- > 0) return undefined
      kill()
      return never()
    },
    suspend: () => {
      suspendedAt ??= time.now()
    },
    resume: () => {
      const suspendedMs = suspendedAt !== null && alive ? time.now() - suspendedAt : 0
      suspendedAt = null
      const callbacks = undelivered
      undelivered = []
      for (const callback of callbacks) deliver(callback)
      return suspendedMs
    },
  }
}
