import { findAttempt, isSupervised } from '../../../packages/reporter/src/supervisor/attempts.ts'
import type { PageReport } from '../../../packages/reporter/src/supervisor/signal.ts'
import type { Joined, Notification } from '../environment/notifications.ts'
import type { ReportAnswer } from '../environment/page.ts'
import type { Running } from './process.ts'

/** What `POST /v1/reports` does with a valid report that carries the token of this attempt. */
export const handleReport = async (
  { engine }: Running,
  from: { recordingId: string; attempt: number },
  report: PageReport,
  sid: string | null,
): Promise<ReportAnswer> => {
  const { recordingId, attempt } = from
  const before = await engine.peek(recordingId)
  const known = findAttempt(before?.recording, attempt)
  if (!known) return { status: 410, sid: null }
  if (sid !== null && sid !== known.sid) return { status: 409, sid: null }
  const stored = await engine.handleReport(recordingId, attempt, report)
  const now = findAttempt(stored?.recording, attempt)
  if (!stored || !now || !isSupervised(stored.recording, attempt)) return { status: 410, sid: null }
  return { status: 200, sid: now.sid }
}

/** What `POST /v1/notifications` does with the event of a channel that somebody has joined. */
export const handleJoined = async ({ engine }: Running, { channel, uid }: Joined): Promise<void> => {
  await engine.handleJoined(channel, uid)
}

/** What `POST /v1/notifications` does with a notification whose signature is valid. */
export const handleNotification = async ({ engine }: Running, notification: Notification): Promise<void> => {
  const { noticeId, recordingId: _, sid, cname, uid, sequence, eventType, ...rest } = notification
  const { files = [], ...details } = rest
  const attempt = await engine.attemptOf({ cname, uid, sid })
  if (!attempt) return
  await engine.handle(
    attempt.recordingId,
    {
      type: 'notification',
      attempt: attempt.number,
      notification: { eventType, sid, uid, sequence, ...details, files },
    },
    { notification: { noticeId, sid, uid, eventType, sequence } },
  )
}
