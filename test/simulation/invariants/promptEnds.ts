import { isSupervised } from '../../../packages/reporter/src/supervisor/attempts.ts'
import type { Attempt, Recording } from '../../../packages/reporter/src/supervisor/recording.ts'
import type { Notification } from '../environment/notifications.ts'
import { type Invariant, type InvariantContext, isFaultFreeSince, storedRecording } from './context.ts'
import { isAbnormalEnd, isCertainEnd } from './sessionEvidence.ts'

type Ends = ReturnType<Invariant>

/** What recovery may take beside the policy's delays and timeouts, in milliseconds. */
const SLACK_MS = 1000
/** An earlier fault may have postponed deadlines, but not by more than this, in milliseconds. */
const AFTERMATH_MS = 180_000

/** What Agora has notified ends the attempt: immediately, or as soon as it is certain. */
export const endsOnNotification = (context: InvariantContext): Ends => ({
  onNotificationAccepted: (notification) => {
    endsUncertainly(context, notification)
    const { eventType, recordingId, sid, uid } = notification
    const recording = storedRecording(context, recordingId)
    const attempt = recording?.attempts.find((each) => each.sid === sid)
    if (!recording || !attempt || recording.desired === 'stopped') return
    if (!isDefiniteEnd(recording.kind, attempt, notification)) return
    // The end of a session that a failover has replaced is not the end of the task.
    if (attempt.newUid !== null && attempt.newUid !== uid) return
    if (isSupervised(recording, attempt.number)) {
      context.breach(
        `${recordingId}: event ${eventType} was accepted, and attempt ${attempt.number} is still supervised`,
      )
    }
  },
})

/**
 * Of a page 72: capability limit; 71: recorder stopped, and 11: session exit, unless with code 0, which may be an intended
 * end. Of a channel an abnormal exit, and what its recorder itself says; other ends have 5 s for that.
 */
const isDefiniteEnd = (kind: Recording['kind'], attempt: Attempt, notification: Notification): boolean => {
  const { eventType, code = 0 } = notification
  if (kind === 'page') return eventType === 72 || ((eventType === 71 || eventType === 11) && code !== 0)
  return isAbnormalEnd(attempt, notification) || isCertainEnd(attempt, notification)
}

/**
 * Without the recorder's own word, the end of a channel's session is believed after 5 s unless Agora answers that it records.
 * With `wait` and `end` Agora must confirm it, and 404s do so only when no failover explains them any more.
 */
const endsUncertainly = (context: InvariantContext, { eventType, sid, recordingId }: Notification): void => {
  const { time, agora } = context.world
  const task = agora.tasks.find((each) => each.sid === sid)
  const acceptedAt = time.now()
  if (!task?.channel || ![11, 31, 32].includes(eventType) || task.ended === null) return
  const policy = storedRecording(context, recordingId)?.policy
  if (!policy) return
  const certaintyMs = policy.onIdleExit === 'restart' ? 0 : policy.failoverWindow * 1000 + RECHECKS_MS
  time.after(EXIT_MS + certaintyMs + SLACK_MS, () => {
    const recording = storedRecording(context, recordingId)
    if (!recording || !isFaultFreeSince(context, acceptedAt)) return
    if (isKept(recording, sid)) context.breach(`${recordingId}: ${sid} has ended, and is still supervised`)
  })
}

const isKept = (recording: Recording, sid: string): boolean =>
  recording.attempts.some((each) => each.sid === sid && isSupervised(recording, each.number))

/** What the recorder's own word has to arrive, in milliseconds. */
const EXIT_MS = 5000
/** The queries before and after the longest failover, in milliseconds. */
const RECHECKS_MS = 30_000

/** With `requireHa`, an attempt of which event 13 has not arrived within 10 s is replaced. */
export const endsWithoutHa = (context: InvariantContext): Ends => ({
  onTask: ({ recordingId, sid, channel }, change) => {
    const { time } = context.world
    const startedAt = time.now()
    if (change !== 'started' || channel === null) return
    if (channel.haAfterMs !== null && channel.haAfterMs <= HA_MS + SLACK_MS) return
    time.after(HA_MS + SLACK_MS, () => {
      const recording = storedRecording(context, recordingId)
      if (!recording?.policy.requireHa || recording.gaveUp || recording.replacing) return
      if (!isFaultFreeSince(context, startedAt - AFTERMATH_MS)) return
      if (isKept(recording, sid))
        context.breach(`${recordingId}: ${sid} is not highly available, and is kept`)
    })
  },
})

/** Until when event 13 is due, and the answer to the start before that, in milliseconds. */
const HA_MS = 11_000
