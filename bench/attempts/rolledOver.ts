import { decide } from '../../packages/reporter/src/supervisor/decide.ts'
import { DEFAULT_POLICY } from '../../packages/reporter/src/supervisor/policy.ts'
import {
  type Attempt,
  newRecording,
  type Recording,
} from '../../packages/reporter/src/supervisor/recording.ts'
import type { Signal } from '../../packages/reporter/src/supervisor/signal.ts'

/** Between two attempts, in milliseconds. */
const ROLL_OVER_MS = 3 * 3_600_000

/** A rolling recording, and the attempts before the current one, all of which have settled. */
export interface RolledOver {
  recording: Recording
  settled: Attempt[]
}

/** A recording whose page has just loaded in its attempt with the number `attempts`. */
export const rolledOver = (id: string, attempts: number, now: number): RolledOver => {
  const startedAt = now - (attempts - 1) * ROLL_OVER_MS
  const settled: Attempt[] = []
  let recording = newRecording(id, DEFAULT_POLICY, startedAt, 3)
  const apply = (signal: Signal, at: number): void => {
    const decision = decide(recording, signal, { now: at, random: 0.5 })
    recording = decision.recording
    settled.push(...decision.settled)
  }
  for (let number = 1; number <= attempts; number += 1) {
    const at = startedAt + (number - 1) * ROLL_OVER_MS
    if (number === 1) apply({ type: 'created' }, at)
    else apply(endOf(id, number - 1), at)
    for (const signal of startOf(id, number)) apply(signal, at)
  }
  return { recording, settled }
}

const startOf = (id: string, attempt: number): Signal[] => {
  const report = { page: `page${attempt}`, failing: [] }
  const resourceId = `resource${attempt}`.padEnd(400, 'x')
  return [
    { type: 'acquired', attempt, resourceId },
    { type: 'started', attempt, sid: sidOf(id, attempt), resourceId },
    { type: 'report', attempt, report: { ...report, type: 'hello', seq: 1 } },
    { type: 'report', attempt, report: { ...report, type: 'loaded', seq: 2 } },
  ]
}

const endOf = (id: string, attempt: number): Signal => {
  const sid = sidOf(id, attempt)
  const files = [`${id}/a${attempt}/${sid}_${id}.m3u8`]
  return { type: 'notification', attempt, notification: { eventType: 71, code: 1, sid, files } }
}

const sidOf = (id: string, attempt: number): string => `${id}-${attempt}`.padEnd(32, '0')
