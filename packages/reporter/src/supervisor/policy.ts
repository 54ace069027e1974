import { z } from 'zod'
import type { RecordingKind } from './recording.ts'

/**
 * When an attempt counts as failed, and what happens then. All durations are seconds; fractions are allowed.
 * Sources: Agora's best practices for cloud recording and for web page recording; where they say nothing, the time that
 * a supervisor needs to be sure.
 */
export interface Policy {
  /** From the sid until Agora confirms the start (status 4 or 5). Agora: not confirmed after 90 s, it did not start. */
  confirmTimeout: number
  /** Agora's own page-load timeout in whole seconds, 0 to 60; 0 disables it. Agora reloads the page once, then stops. */
  readyTimeout: number
  /** From the sid until the page reports `loaded`; at least 2 × readyTimeout + 10, so that Agora can reload the page. */
  loadTimeout: number
  /** Between two heartbeats of the page, 1 to 300. */
  heartbeatInterval: number
  /** Silence after which a page is suspected to be dead; at least 2 × heartbeatInterval. */
  heartbeatTimeout: number
  /** How long a loaded page may report failed checks. */
  unhealthyTimeout: number
  /** For the page to report again after a reload (event 73 or a new document). */
  reloadGrace: number
  /** Between two queries of a healthy recording. */
  queryInterval: number
  /** How long Agora may answer 404 while the page reports: a failover takes up to 90 s. */
  failoverWindow: number
  /** How long Agora may write without listing a file; 0: for ever. */
  fileTimeout: number
  /** What to do then: raise attention, and with `restart` also start a candidate. */
  onNoFiles: 'attention' | 'restart'
  restart: RestartPolicy
  /** What to do when Agora stops the recording on its own, by the code of event 71. */
  onStopCode: Record<StopCode, StopAction>
  /**
   * Whether a running attempt is kept until a candidate's page has loaded (`overlap`), or stopped when the next one starts
   * (`replace`: for pages that must not be open twice, and for accounts at their limit of concurrent recordings).
   */
  handOver: 'overlap' | 'replace'
  /** A candidate starts this long before `maxRecordingHour` is over; 0: the next attempt starts after the end. */
  rollOverAhead: number
  /**
   * Whether the page signals Agora that it is ready only once the reporter has confirmed that its attempt is current.
   * `readyTimeout` then ends a task that the reporter no longer knows.
   */
  fence: boolean
  /**
   * A channel: what follows when Agora ends an attempt because the channel had no users. `restart`: the next attempt;
   * `wait`: the next attempt once a user joins, or the recording is resumed; `end`: the recording is stopped.
   */
  onIdleExit: 'restart' | 'wait' | 'end'
  /** A channel: whether an attempt is replaced that Agora has not registered for high availability within 10 s (event 13). */
  requireHa: boolean
}

export interface RestartPolicy {
  /** Before the first, second, … restart; the last one repeats. */
  delays: number[]
  /** Fraction by which a delay varies in both directions, 0 to 1. */
  jitter: number
  /** More failures than this within `within` seconds, and the retries are slow. */
  maxFailures: number
  within: number
  /** After this number of consecutive attempts that never loaded, or had no file, the retries are slow. */
  maxNeverLoaded: number
  /** Before the first, second, … slow retry; the last one repeats. */
  slowDelays: number[]
  /** Whether the recording gives up at these limits instead of retrying slowly. */
  final: boolean
  /** Once the recording has been rolling for this long, earlier failures are forgotten. */
  stableAfter: number
}

export type StopCode = '1' | '2' | '3' | '4' | '5' | '6'
/** `rollOver` restarts without counting a failure; `restartOnce` gives up the second time. */
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
  fileTimeout: 180,
  onNoFiles: 'attention',
  restart: {
    delays: [0, 2, 5, 10, 20, 40, 60],
    jitter: 0.2,
    maxFailures: 5,
    within: 600,
    maxNeverLoaded: 3,
    slowDelays: [300, 600, 900, 1800],
    final: false,
    stableAfter: 600,
  },
  // Agora's event 71: 1 max_recording_hour, 2 capability_limit, 3 start_engine_failed,
  // 4 page_load_timeout, 5 access_url_failed, 6 recorder_error.
  onStopCode: { 1: 'rollOver', 2: 'restartOnce', 3: 'restart', 4: 'restart', 5: 'restart', 6: 'restart' },
  handOver: 'overlap',
  rollOverAhead: 120,
  fence: false,
  onIdleExit: 'restart',
  requireHa: false,
}

const DAY = 86_400
const seconds = (min: number, max: number) => z.number().min(min).max(max)
const stopAction = z.enum(['rollOver', 'restart', 'restartOnce', 'giveUp'])

const restart = z.strictObject({
  delays: z.array(seconds(0, DAY)).min(1).max(50),
  jitter: z.number().min(0).max(1),
  maxFailures: z.int().min(0).max(1000),
  within: seconds(1, 30 * DAY),
  maxNeverLoaded: z.int().min(1).max(1000),
  slowDelays: z.array(seconds(1, DAY)).min(1).max(50),
  final: z.boolean(),
  stableAfter: seconds(0, 30 * DAY),
})
const onStopCode = z.strictObject({
  1: stopAction,
  2: stopAction,
  3: stopAction,
  4: stopAction,
  5: stopAction,
  6: stopAction,
})
const fields = z.strictObject({
  confirmTimeout: seconds(1, DAY),
  readyTimeout: z.int().min(0).max(60),
  loadTimeout: seconds(1, DAY),
  heartbeatInterval: seconds(1, 300),
  heartbeatTimeout: seconds(1, DAY),
  unhealthyTimeout: seconds(0, DAY),
  reloadGrace: seconds(1, DAY),
  queryInterval: seconds(1, DAY),
  failoverWindow: seconds(0, DAY),
  fileTimeout: seconds(0, DAY),
  onNoFiles: z.enum(['attention', 'restart']),
  restart,
  onStopCode,
  handOver: z.enum(['overlap', 'replace']),
  rollOverAhead: seconds(0, 3000),
  fence: z.boolean(),
  onIdleExit: z.enum(['restart', 'wait', 'end']),
  requireHa: z.boolean(),
})

/** A complete policy. */
export const policySchema: z.ZodType<Policy> = fields.meta({ id: 'Policy' })

/** A partial policy as a user writes it. Unknown names are refused: a misspelt timeout must not pass unnoticed. */
export const policyInputSchema: z.ZodType<PolicyInput> = fields
  .extend({ restart: restart.partial(), onStopCode: onStopCode.partial() })
  .partial()

/** What only means something for one kind of recording. A request for the other kind must not name it. */
export const POLICY_OF_KIND: Readonly<Record<RecordingKind, readonly (keyof Policy)[]>> = {
  page: [
    'readyTimeout',
    'loadTimeout',
    'heartbeatInterval',
    'heartbeatTimeout',
    'unhealthyTimeout',
    'reloadGrace',
    'onStopCode',
    'fence',
  ],
  channel: ['onIdleExit', 'requireHa'],
}

export interface Contradiction {
  path: string[]
  message: string
}

/** Merges partial policies over the defaults; later ones take precedence. */
export const mergePolicy = (...inputs: (PolicyInput | undefined)[]): Policy => ({
  ...Object.assign({}, DEFAULT_POLICY, ...inputs),
  restart: Object.assign({}, DEFAULT_POLICY.restart, ...inputs.map((input) => input?.restart)),
  onStopCode: Object.assign({}, DEFAULT_POLICY.onStopCode, ...inputs.map((input) => input?.onStopCode)),
})

/** Settings that contradict each other; an empty list if the policy is consistent. */
export const contradictions = (policy: Policy): Contradiction[] => {
  const found: Contradiction[] = []
  const minLoadTimeout = 2 * policy.readyTimeout + 10
  if (policy.loadTimeout < minLoadTimeout) {
    found.push({
      path: ['loadTimeout'],
      message: `must be at least 2 × readyTimeout + 10 = ${minLoadTimeout} s, or Agora could not finish reloading a slow page`,
    })
  }
  const minHeartbeatTimeout = 2 * policy.heartbeatInterval
  if (policy.heartbeatTimeout < minHeartbeatTimeout) {
    found.push({
      path: ['heartbeatTimeout'],
      message: `must be at least 2 × heartbeatInterval = ${minHeartbeatTimeout} s, or one lost heartbeat would restart a healthy recording`,
    })
  }
  if (policy.fence && policy.readyTimeout === 0) {
    found.push({
      path: ['fence'],
      message:
        'needs a readyTimeout above 0: with 0 Agora never ends a page that is not ready, so the fence has no effect',
    })
  }
  return found
}
