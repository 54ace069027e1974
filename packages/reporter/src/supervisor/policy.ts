import { z } from 'zod'

/**
 * When a recording counts as failed, and what happens then. All durations are seconds, fractions allowed.
 * Sources: Agora's best practices for cloud recording and web page recording; where they are silent, what a
 * supervisor must wait for to be sure.
 */
export interface Policy {
  /** From the sid to Agora's "it runs" (status 4 or 5). Agora: not there after 90 s, it did not start. */
  confirmTimeout: number
  /** Agora's own page-load time-out (whole seconds, 0…60, 0 is off): reloads once, then stops. */
  readyTimeout: number
  /** From the sid to the page's `loaded`; at least 2 × readyTimeout + 10, so that Agora's reload gets its chance. */
  loadTimeout: number
  /** Between two heartbeats of the page, 1…300. */
  heartbeatInterval: number
  /** Silence that makes a page suspect; at least 2 × heartbeatInterval. */
  heartbeatTimeout: number
  /** How long a loaded page may report failed checks. */
  unhealthyTimeout: number
  /** For the page to be back after a reload (event 73, or a new document). */
  reloadGrace: number
  /** Between two queries of a recording that is well. */
  queryInterval: number
  /** How long Agora may answer 404 while the page speaks: a failover takes up to 90 s. */
  failoverWindow: number
  restart: RestartPolicy
  /** What to do when Agora stops the recording by itself: by the code of event 71. */
  onStopCode: Record<StopCode, StopAction>
  /** When restarts are used up while Agora still records: leave it running and watched, or stop it. */
  onGiveUp: 'keep' | 'stop'
  /**
   * The page tells Agora that it is ready only when the reporter has confirmed that its attempt is current: one that
   * nobody knows of any more ends by itself, by `readyTimeout`.
   */
  fence: boolean
}

export interface RestartPolicy {
  /** Before the first, second, … restart; the last one repeats. */
  delays: number[]
  /** Share of the delay by which it varies up and down, 0…1. */
  jitter: number
  /** More failures than this within `within` seconds, and it gives up. */
  maxFailures: number
  within: number
  /** So many attempts in a row that never loaded, and it gives up. */
  maxNeverLoaded: number
  /** After so long of rolling, earlier failures are forgotten. */
  stableAfter: number
}

export type StopCode = '1' | '2' | '3' | '4' | '5' | '6'
/** `rollOver` is a restart that is no failure; `restartOnce` gives up when it happens again. */
export type StopAction = 'rollOver' | 'restart' | 'restartOnce' | 'giveUp'

export type PolicyInput = Partial<Omit<Policy, 'restart' | 'onStopCode'>> & {
  restart?: Partial<RestartPolicy>
  onStopCode?: Partial<Record<StopCode, StopAction>>
}

export const DEFAULT_POLICY: Policy = {
  confirmTimeout: 90,
  readyTimeout: 30,
  loadTimeout: 75,
  heartbeatInterval: 10,
  heartbeatTimeout: 30,
  unhealthyTimeout: 20,
  reloadGrace: 60,
  queryInterval: 120,
  failoverWindow: 90,
  restart: {
    delays: [0, 2, 5, 10, 20, 40, 60],
    jitter: 0.2,
    maxFailures: 5,
    within: 600,
    maxNeverLoaded: 3,
    stableAfter: 600,
  },
  // Agora's event 71: 1 max_recording_hour, 2 capability_limit, 3 start_engine_failed,
  // 4 page_load_timeout, 5 access_url_failed, 6 recorder_error.
  onStopCode: { 1: 'rollOver', 2: 'restartOnce', 3: 'restart', 4: 'restart', 5: 'restart', 6: 'restart' },
  onGiveUp: 'keep',
  fence: false,
}

const DAY = 86_400
const seconds = (least: number, most: number) => z.number().min(least).max(most)
const stopAction = z.enum(['rollOver', 'restart', 'restartOnce', 'giveUp'])

/** A partial policy as a user writes it. Unknown names are refused: a misspelt time-out must not pass silently. */
export const policyInputSchema: z.ZodType<PolicyInput> = z
  .strictObject({
    confirmTimeout: seconds(1, DAY),
    readyTimeout: z.int().min(0).max(60),
    loadTimeout: seconds(1, DAY),
    heartbeatInterval: seconds(1, 300),
    heartbeatTimeout: seconds(1, DAY),
    unhealthyTimeout: seconds(0, DAY),
    reloadGrace: seconds(1, DAY),
    queryInterval: seconds(1, DAY),
    failoverWindow: seconds(0, DAY),
    restart: z
      .strictObject({
        delays: z.array(seconds(0, DAY)).min(1).max(50),
        jitter: z.number().min(0).max(1),
        maxFailures: z.int().min(0).max(1000),
        within: seconds(1, 30 * DAY),
        maxNeverLoaded: z.int().min(1).max(1000),
        stableAfter: seconds(0, 30 * DAY),
      })
      .partial(),
    onStopCode: z
      .strictObject({
        1: stopAction,
        2: stopAction,
        3: stopAction,
        4: stopAction,
        5: stopAction,
        6: stopAction,
      })
      .partial(),
    onGiveUp: z.enum(['keep', 'stop']),
    fence: z.boolean(),
  })
  .partial()

export interface Contradiction {
  path: string[]
  message: string
}

/** Lays partial policies over the defaults, later ones over earlier ones. */
export const mergePolicy = (...inputs: (PolicyInput | undefined)[]): Policy => ({
  ...Object.assign({}, DEFAULT_POLICY, ...inputs),
  restart: Object.assign({}, DEFAULT_POLICY.restart, ...inputs.map((input) => input?.restart)),
  onStopCode: Object.assign({}, DEFAULT_POLICY.onStopCode, ...inputs.map((input) => input?.onStopCode)),
})

/** What cannot be true together. An empty list: the policy holds. */
export const contradictions = (policy: Policy): Contradiction[] => {
  const found: Contradiction[] = []
  const leastLoad = 2 * policy.readyTimeout + 10
  if (policy.loadTimeout < leastLoad) {
    found.push({
      path: ['loadTimeout'],
      message: `must be at least 2 × readyTimeout + 10 = ${leastLoad} s, or Agora's own reload of a slow page would be cut short`,
    })
  }
  const leastBeat = 2 * policy.heartbeatInterval
  if (policy.heartbeatTimeout < leastBeat) {
    found.push({
      path: ['heartbeatTimeout'],
      message: `must be at least 2 × heartbeatInterval = ${leastBeat} s, or one lost heartbeat would restart a healthy recording`,
    })
  }
  if (policy.fence && policy.readyTimeout === 0) {
    found.push({
      path: ['fence'],
      message:
        'needs a readyTimeout: with 0 Agora never ends a page that is not ready, and nothing is fenced',
    })
  }
  return found
}
