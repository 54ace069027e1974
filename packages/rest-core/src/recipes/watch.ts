import type { RecordedFile } from '../answers/tolerant.ts'
import type { CallOptions, CloudRecording } from '../client.ts'
import type { CloudRecordingError } from '../errors.ts'
import type { TaskAddress } from '../requests/identity.ts'
import { paused } from './attempt.ts'
import { ENDED_STATUSES, look, type Sighting } from './look.ts'
import {
  believed,
  LONGEST_FAILOVER,
  later,
  NO_NOT_FOUND,
  type NotFoundRun,
  notFoundDelay,
} from './notFoundPatience.ts'

export type WatchOptions = CallOptions & {
  /** Seconds between two queries of a recording that is well. Default 120, less if `maxIdleTime` wants it. */
  interval?: number
  /** Seconds of the start request, RTC modes only; Agora's default is 30. */
  maxIdleTime?: number
  /** Seconds that 404s must last before they are believed. Default 90. */
  failoverWindow?: number
}

export type Observation =
  /** Agora knows it: any status but 7, 8 and 20. `files` as far as Agora names them yet. */
  | { kind: 'alive'; status: number; files: RecordedFile[] }
  /** It has ended: `status` 7, 8 or 20, or 404s for longer than a failover lasts. The last observation. */
  | { kind: 'gone'; status?: number; files: RecordedFile[]; error?: CloudRecordingError }
  /** Nothing is known at the moment: a 50x, a lost answer, or a 404 that may be a failover. */
  | { kind: 'unclear'; error: CloudRecordingError; notFound: boolean }

/** What has gone wrong since the last good answer. */
interface Trouble {
  readonly notFound: NotFoundRun
  readonly unclear: number
}

interface Step {
  observation: Observation
  trouble: Trouble
  wait: number
}

const NO_TROUBLE: Trouble = { notFound: NO_NOT_FOUND, unclear: 0 }

// Agora, integration best practices: query about every 2 minutes, in RTC modes below maxIdleTime.
const DEFAULT_INTERVAL = 120
const DEFAULT_MAX_IDLE_TIME = 30
const SHARE_OF_MAX_IDLE_TIME = 0.75

/**
 * Asks Agora about a recording every `interval` seconds, the first time at once. Ends by itself after `gone`
 * and when the signal aborts; between two observations nobody waits for, it asks nothing and has no timer.
 *
 * - 404: again after 5, 10, 15 s, then every 15 s; `gone` when it was so for all of the failover window
 * - 50x or no answer: again after 5, 10, 15, 30 s, then at the interval; says nothing about the recording
 *
 * @example
 * for await (const { kind } of watch(client, task, { signal })) if (kind === 'gone') await startAnew()
 *
 * @throws RangeError for an interval that is not below `maxIdleTime`
 * @throws CloudRecordingError of a query that Agora refuses (400, 401, 403 …): asking again would change nothing
 */
export const watch = (
  client: CloudRecording,
  task: TaskAddress,
  options: WatchOptions = {},
): AsyncGenerator<Observation, void, undefined> => {
  const interval = intervalOf(task, options)
  return observe(client, task, interval, options)
}

async function* observe(
  client: CloudRecording,
  task: TaskAddress,
  interval: number,
  { signal, timeout, failoverWindow = LONGEST_FAILOVER }: WatchOptions,
): AsyncGenerator<Observation, void, undefined> {
  for (let trouble = NO_TROUBLE; ; ) {
    const sighting = await look(client, task, { signal, timeout })
    // What an aborted query says is that it was aborted.
    if (signal?.aborted && sighting.kind !== 'status') return
    const step = judge(sighting, trouble, interval, failoverWindow)
    yield step.observation
    if (step.observation.kind === 'gone' || !(await paused(client, step.wait, signal))) return
    trouble = step.trouble
  }
}

/** Decides what a sighting means after what came before, and when to ask again. */
const judge = (sighting: Sighting, before: Trouble, interval: number, window: number): Step => {
  if (sighting.kind === 'status') {
    const { status, files } = sighting
    const kind = ENDED_STATUSES.has(status) ? 'gone' : 'alive'
    return { observation: { kind, status, files }, trouble: NO_TROUBLE, wait: interval }
  }
  const { error } = sighting
  if (sighting.kind === 'unclear') {
    const wait = error.verdict.delays[before.unclear] ?? interval
    const trouble = { notFound: later(before.notFound, wait), unclear: before.unclear + 1 }
    return { observation: { kind: 'unclear', error, notFound: false }, trouble, wait }
  }
  const notFound = { ...before.notFound, count: before.notFound.count + 1 }
  if (believed(notFound, window))
    return { observation: { kind: 'gone', files: [], error }, trouble: NO_TROUBLE, wait: 0 }
  const wait = notFoundDelay(notFound)
  const trouble = { notFound: later(notFound, wait), unclear: 0 }
  return { observation: { kind: 'unclear', error, notFound: true }, trouble, wait }
}

const intervalOf = ({ mode }: TaskAddress, options: WatchOptions): number => {
  const idle = mode === 'web' ? Number.POSITIVE_INFINITY : (options.maxIdleTime ?? DEFAULT_MAX_IDLE_TIME)
  const interval = options.interval ?? Math.min(DEFAULT_INTERVAL, idle * SHARE_OF_MAX_IDLE_TIME)
  if (interval > 0 && interval < idle) return interval
  throw new RangeError(
    `watch: interval is ${interval} s, it must be above 0 and below maxIdleTime (${idle} s): Agora ends an idle recording after that`,
  )
}
