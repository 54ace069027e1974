import type { Random } from '../random.ts'
import { MINUTE_MS, type RecordingSpec, type ScheduleSpec, type TimedCommand } from './scenario.ts'

/** One recording begins at a time of day, ends at one or after a while, or both. */
export const withSchedule = (random: Random, recordings: readonly RecordingSpec[]): RecordingSpec[] => {
  const chosen = random.integer(0, recordings.length - 1)
  return recordings.map((spec, index) =>
    index === chosen
      ? { ...spec, schedule: scheduleOf(random, spec), commands: withChange(random, spec) }
      : spec,
  )
}

/** Its labels are changed, perhaps before it has begun. */
const withChange = (random: Random, { createAt, commands }: RecordingSpec): TimedCommand[] => [
  ...commands,
  { at: createAt + random.integer(1000, 40 * MINUTE_MS), command: 'labels' },
]

/** Every end leaves the time that a stop may need before the run is over. */
const scheduleOf = (random: Random, { createAt }: RecordingSpec): ScheduleSpec => {
  const startAt = random.chance(0.7) ? createAt + random.integer(0, 30 * MINUTE_MS) : null
  const minutes = random.integer(1, 50)
  const by = random.pick(['stopAt', 'maxDuration', 'both', ...(startAt === null ? [] : (['none'] as const))])
  return {
    startAt,
    startAhead: random.pick([0, 10, 60]),
    stopAt: by === 'stopAt' || by === 'both' ? (startAt ?? createAt) + minutes * MINUTE_MS : null,
    maxDuration: by === 'maxDuration' || by === 'both' ? random.integer(60, 50 * 60) : null,
  }
}
