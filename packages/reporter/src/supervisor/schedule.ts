import { startAttempt } from './attempt.ts'
import { addTimelineEntry, type Draft, formatUtc, secondsBetween } from './draft.ts'
import { type Reason, type Recording, reason, type Schedule, type Time } from './recording.ts'
import { stop } from './stopping.ts'

/*
 * A recording may begin and end at times of day:
 *
 *   created ──► starting, without an attempt ──beginAt, a restart──► its attempts ──endAt──► stopping ──► stopped
 *                                    └──────────────endAt, a stop──────────────────────────────┘
 *
 * The deadlines are derived from the schedule at the end of each decision, so nothing moves them: not a downtime, after which
 * others start anew, and not a step of the reporter's clock. A reporter that was down at the time begins or ends it late.
 */

/** When its first attempt starts; null: when it was created. */
export const beginsAt = ({ startAt, startAhead }: Schedule): Time | null =>
  startAt === null ? null : startAt - startAhead * 1000

/** When it ends; null: at a stop. */
export const endsAt = ({ schedule, createdAt }: Pick<Recording, 'schedule' | 'createdAt'>): Time | null => {
  const { startAt, stopAt, maxDuration } = schedule
  const times = [
    ...(stopAt === null ? [] : [stopAt]),
    ...(maxDuration === null ? [] : [(startAt ?? createdAt) + maxDuration * 1000]),
  ]
  return times.length === 0 ? null : Math.min(...times)
}

/** When the next attempt or candidate starts; null if none is waited for. */
export const nextAttemptAt = ({ deadlines }: Pick<Recording, 'deadlines'>): Time | null =>
  deadlines.beginAt ?? deadlines.retryAt ?? null

/** The recording was created: it begins now, or waits for its time. */
export const beginOrWait = (draft: Draft): void => {
  const { recording, now } = draft
  const at = beginsAt(recording.schedule)
  recording.awaitsStart = at !== null && at > now
  const message = recording.awaitsStart
    ? `Recording requested; it begins at ${formatUtc(at ?? now)}`
    : 'Recording requested'
  addTimelineEntry(draft, 'recording.created', null, message)
  draft.rules.handleCreated(draft)
  if (!recording.awaitsStart) startAttempt(draft)
}

/** A time of the schedule may have come, or was changed. */
export const checkSchedule = (draft: Draft): void => {
  if (endIfOver(draft)) return
  const { recording, now } = draft
  const at = beginsAt(recording.schedule) ?? now
  if (recording.awaitsStart && at <= now) begin(draft, secondsBetween(at, now))
}

/** Seconds from which on a beginning is called late. */
const LATE = 5

const begin = (draft: Draft, late: number): void => {
  draft.recording.awaitsStart = false
  const message = late < LATE ? 'The recording begins' : `The recording begins, ${late} s after its time`
  addTimelineEntry(draft, 'recording.begun', null, message, { late })
  startAttempt(draft)
}

/**
 * The recording ends if its time is over, whatever it does: nothing of it has failed.
 * @returns whether it is over
 */
export const endIfOver = (draft: Draft): boolean => {
  const { recording, now } = draft
  const end = endsAt(recording)
  if (end === null || end > now || recording.desired === 'stopped') return false
  stop(draft, { why: timeOver(recording, end), code: 'recording.time_over' })
  return true
}

const timeOver = ({ schedule, awaitsStart }: Recording, end: Time): Reason => {
  const { stopAt, maxDuration } = schedule
  const limit = end === stopAt ? 'stopAt' : 'maxDuration'
  const unbegun = awaitsStart ? ', and it had not begun' : ''
  const message = `The recording's time was over at ${formatUtc(end)} (${limit})${unbegun}`
  return reason('time_over', message, { limit, endsAt: end, stopAt, maxDuration })
}

/** Derives the deadlines of the schedule. */
export const armSchedule = ({ recording }: Draft): void => {
  const isDesired = recording.desired === 'running'
  const begin = isDesired && recording.awaitsStart ? beginsAt(recording.schedule) : null
  const end = isDesired ? endsAt(recording) : null
  if (begin === null) delete recording.deadlines.beginAt
  else recording.deadlines.beginAt = begin
  if (end === null) delete recording.deadlines.endAt
  else recording.deadlines.endAt = end
}
