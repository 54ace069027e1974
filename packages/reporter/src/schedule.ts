import type { CommonRequest } from './commonRequest.ts'
import type { FieldError } from './fieldErrors.ts'
import type { Schedule, Time } from './supervisor/recording.ts'
import { endsAt } from './supervisor/schedule.ts'

export type ScheduleFields = Pick<CommonRequest, 'startAt' | 'startAhead' | 'stopAt' | 'maxDuration'>

/** The schedule of a request. */
export const scheduleOf = ({ startAt, startAhead, stopAt, maxDuration }: ScheduleFields): Schedule => ({
  startAt: startAt === undefined ? null : Date.parse(startAt),
  startAhead,
  stopAt: stopAt === undefined ? null : Date.parse(stopAt),
  maxDuration: maxDuration ?? null,
})

const DAY_MS = 86_400_000
/** How far ahead a recording can be scheduled. */
const MAX_AHEAD_MS = 366 * DAY_MS

/** What is wrong with a schedule that is requested now. A `startAt` that has passed is not: the recording begins. */
export const scheduleErrors = (
  schedule: Schedule,
  { now, createdAt }: { now: Time; createdAt: Time },
): FieldError[] => {
  const { startAt, stopAt, maxDuration } = schedule
  const errors: FieldError[] = []
  for (const [path, at] of Object.entries({ startAt, stopAt })) {
    if (at !== null && at > now + MAX_AHEAD_MS) errors.push({ path, message: 'must be within 366 days' })
  }
  if (stopAt !== null && startAt !== null && stopAt <= startAt) {
    errors.push({ path: 'stopAt', message: 'must be later than startAt' })
  } else if (stopAt !== null && stopAt <= now) {
    errors.push({ path: 'stopAt', message: 'must be in the future' })
  }
  const end = endsAt({ schedule: { ...schedule, stopAt: null }, createdAt })
  if (maxDuration !== null && end !== null && end <= now) {
    errors.push({ path: 'maxDuration', message: 'has passed already' })
  }
  return errors
}
