import type { Random } from '../random.ts'
import { type Fault, MINUTE_MS, type RecordingSpec, type TaskEvent } from './scenario.ts'

/** Policies on files: the defaults, a short timeout, restarts, and no watch at all. */
const POLICIES: [RecordingSpec['policy'], ...RecordingSpec['policy'][]] = [
  {},
  { fileTimeout: 60 },
  { onNoFiles: 'restart' },
  { fileTimeout: 60, onNoFiles: 'restart' },
  { fileTimeout: 0 },
]

export const withOutputPolicies = (random: Random, recordings: readonly RecordingSpec[]): RecordingSpec[] =>
  recordings.map((spec) => ({ ...spec, policy: { ...spec.policy, ...random.pick(POLICIES) } }))

const EVENTS: [TaskEvent, ...TaskEvent[]] = [
  { kind: 'noFiles', ends: true },
  { kind: 'noFiles', ends: false },
  { kind: 'noFiles', ends: false },
  { kind: 'noFiles', ends: false },
  { kind: 'uploadsFail', first: 1, ends: true },
  { kind: 'uploadsFail', first: 1, ends: false },
  { kind: 'uploadsFail', first: 30, ends: true },
  { kind: 'uploadsFail', first: 34, ends: false },
  { kind: 'backUp' },
  { kind: 'backUp' },
]

/** Faults of the files of one recording. Those that Agora lists must be hidden from the beginning of a task on. */
export const outputFaults = (
  random: Random,
  recordings: readonly RecordingSpec[],
  latestAt: number,
): Fault[] => {
  const recording = random.integer(0, recordings.length - 1)
  const { createAt = 0 } = recordings[recording] ?? {}
  return random.list(random.integer(1, 3), () => {
    const event = random.pick(EVENTS)
    const startsAt = createAt + random.integer(500, 4000)
    const at = event.kind === 'noFiles' ? startsAt : random.integer(createAt, latestAt)
    const forMs = random.integer(MINUTE_MS / 2, 9 * MINUTE_MS)
    return { at: Math.min(at, latestAt), kind: 'task', recording, target: 'newest', event, forMs }
  })
}
