import type { Random } from '../random.ts'
import { type Fault, MINUTE_MS, type RecordingSpec, type TaskEvent } from './scenario.ts'

/** One recording, or two, have a standby. */
export const withStandbys = (random: Random, recordings: readonly RecordingSpec[]): RecordingSpec[] => {
  const chosen = new Set(random.list(random.integer(1, 2), () => random.integer(0, recordings.length - 1)))
  return recordings.map((spec, index) => (chosen.has(index) ? { ...spec, standby: true } : spec))
}

/** What ends one of the twins, or makes it doubtful. */
const EVENTS: [TaskEvent, ...TaskEvent[]] = [
  { kind: 'stopped', code: 6 },
  { kind: 'exit' },
  { kind: 'vanish', status: null },
  { kind: 'vanish', status: 8 },
  { kind: 'failover', moved: true },
  { kind: 'unsettled', status: 3, ends: true },
]

/** Faults of the standbys: those of the scenario meet the recordings themselves. */
export const standbyFaults = (
  random: Random,
  recordings: readonly RecordingSpec[],
  latestAt: number,
): Fault[] => {
  const [first, ...others] = recordings.flatMap(({ standby }, index) => (standby ? [index] : []))
  if (first === undefined) return []
  return random.list(random.integer(0, 4), () => {
    const recording = random.pick([first, ...others])
    const event = random.pick(EVENTS)
    return {
      ...{ at: random.integer(recordings[recording]?.createAt ?? 0, latestAt), kind: 'task', recording },
      ...{ isStandby: true, target: random.pick(['oldest', 'newest'] as const), event },
      // A failover lasts up to 85 s. An unsettled status may last for minutes.
      forMs: random.integer(1000, event.kind === 'unsettled' ? 4 * MINUTE_MS : 85_000),
    }
  })
}
