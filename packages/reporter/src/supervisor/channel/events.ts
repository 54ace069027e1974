import { isSupervised } from '../attempts.ts'
import { addTimelineEntry } from '../draft.ts'
import type { NotificationHandler } from '../kind.ts'
import { awaitFile } from '../output.ts'
import { requestQuery } from '../query.ts'
import { reason } from '../recording.ts'
import { failAttempt } from '../restart.ts'
import { registerHa } from './highAvailability.ts'
import { hasLeftForGood } from './leaveCode.ts'
import { handleSessionEnd, handleUncertainEnd } from './sessionEnd.ts'
import { recordStream } from './streams.ts'

/** 11: the session ended; exit status 1 means abnormally. A server that fails may be followed by another one (event 12). */
const sessionExit: NotificationHandler = (draft, attempt, { code = 0, sid }) => {
  if (code === 0) {
    handleUncertainEnd(draft, attempt, 11)
    return
  }
  if (!isSupervised(draft.recording, attempt.number)) return
  const evidence = { eventType: 11, exitStatus: code, sid }
  const message = `Agora's session ended abnormally (event 11, exit status ${code})`
  failAttempt(draft, attempt, reason('stopped_by_agora', message, evidence), { taskStatus: 'unknown' })
}

/** 31, 32: the upload has ended, in the bucket or in Agora's backup. It does so after the end of the session. */
const uploadEnded: NotificationHandler = (draft, attempt, { eventType }) =>
  handleUncertainEnd(draft, attempt, eventType)

/** 41: the recorder has left the channel. Its code is a bit mask; 0 means that it could not begin. */
const recorderLeave: NotificationHandler = (draft, attempt, { leaveCode, sid }) => {
  if (leaveCode !== undefined) attempt.leaveCode = leaveCode
  if (!isSupervised(draft.recording, attempt.number)) return
  const evidence = { eventType: 41, leaveCode, sid }
  if (hasLeftForGood(leaveCode)) {
    handleSessionEnd(draft, attempt, { source: 'event 41', evidence })
    return
  }
  if (leaveCode === 0) {
    const message = "Agora's recorder could not begin (event 41, leave code 0)"
    failAttempt(draft, attempt, reason('stopped_by_agora', message, evidence), { taskStatus: 'ended' })
    return
  }
  // A signal may end the recorder's process for a failover.
  const message = `Agora's recorder has left the channel (event 41, leave code ${leaveCode ?? 'not given'}): querying Agora`
  addTimelineEntry(draft, 'agora.recorder_left', attempt, message, evidence)
  requestQuery(draft, attempt, { urgent: true })
}

/** Events of Agora's recorder of channels, of its uploader and of its session. */
export const CHANNEL_EVENTS: Readonly<Record<number, NotificationHandler>> = {
  11: sessionExit,
  13: (draft, attempt) => registerHa(draft, attempt),
  31: uploadEnded,
  32: uploadEnded,
  41: recorderLeave,
  42: (draft, attempt) => awaitFile(draft, attempt),
  43: (draft, attempt, notification) => recordStream(draft, attempt, { media: 'audio', ...notification }),
  44: (draft, attempt, notification) => recordStream(draft, attempt, { media: 'video', ...notification }),
}
