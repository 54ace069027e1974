import { findAttempt, isSupervised } from '../../../packages/reporter/src/supervisor/attempts.ts'
import type {
  Attempt,
  AttentionCode,
  Recording,
} from '../../../packages/reporter/src/supervisor/recording.ts'
import type { Notification } from '../environment/notifications.ts'
import type { AgoraEvent, Task } from '../environment/task.ts'
import type { Uploads } from '../environment/taskOutput.ts'
import {
  type Invariant,
  type InvariantContext,
  isFaultFreeSince,
  isRunningStatus,
  storedAttempts,
} from './context.ts'

const CODES = ['no_files', 'upload_failing', 'uploads_backuped'] as const satisfies AttentionCode[]
type FileCode = (typeof CODES)[number]

/** How old Agora's answer may be when the decision is stored, in milliseconds. */
const MAX_ANSWER_AGE_MS = 1000
/** From the passing of `fileTimeout` to the answer that confirms it, without faults, in milliseconds. */
const CONFIRMED_MS = 600_000

/**
 * Attention names exactly the attempts whose files are missing, do not reach the bucket, or are in Agora's backup. An attempt
 * is named for want of files only when Agora has just answered that it records and lists none; it is named until the
 * trouble is over, whatever becomes of the attempt and of the recording.
 */
export const filesReported: Invariant = (context) => {
  const { world, breach } = context
  const evidence = trackEvidence(context)
  return {
    onAnswer: evidence.onAnswer,
    onNotification: evidence.onNotification,
    onNotificationAccepted: evidence.onNotificationAccepted,
    onCommit: ({ at, before, after }) => {
      if (before.attention === after.attention) return
      for (const code of CODES) {
        for (const number of onlyIn(namedBy(after, code), namedBy(before, code))) {
          const sid = findAttempt(after, number)?.sid ?? ''
          if (!evidence.isCause(code, sid, at)) breach(`${after.id}: ${code} names ${number} without cause`)
        }
        for (const number of onlyIn(namedBy(before, code), namedBy(after, code))) {
          const sid = findAttempt(after, number)?.sid ?? ''
          if (!evidence.isOver(code, sid)) {
            breach(`${after.id}: ${code} names ${number} no more, and the files are as they were`)
          }
        }
      }
    },
    atEnd: () => {
      for (const { recording } of world.memory.tables.recordings.values()) {
        for (const attempt of storedAttempts(context, recording.id)) {
          const task = world.agora.tasks.find(({ sid }) => sid === attempt.sid)
          if (!task || task.attempt !== attempt.number) continue
          for (const [code, isExpected] of expectedOf(context, { recording, attempt, task }, evidence)) {
            const isNamed = namedBy(recording, code).includes(attempt.number)
            if (isNamed !== isExpected) {
              breach(`${recording.id}: ${code} ${isNamed ? 'names' : 'does not name'} ${attempt.number}`)
            }
          }
        }
      }
    },
  }
}

const namedBy = ({ attention }: Recording, code: FileCode): readonly number[] =>
  attention.find((each) => each.code === code)?.attempts ?? []

const onlyIn = (some: readonly number[], others: readonly number[]): number[] =>
  some.filter((each) => !others.includes(each))

type Evidence = ReturnType<typeof trackEvidence>

/** What Agora has said about the files of each task. */
const trackEvidence = ({ world }: InvariantContext) => {
  /** When Agora last answered that the task records and lists no file. */
  const withoutFilesAt = new Map<string, number>()
  const listed = new Set<string>()
  /** Each session's state has been notified: `sid code`. */
  const reported = new Set<string>()
  /** What attention is due to each task's uploads. */
  const due = new Map<string, FileCode | undefined>()
  /** The last notification about the uploads of each session, and whether the reporter has accepted it. */
  const last = new Map<string, { sid: string; sequence: number; isAccepted: boolean }>()
  /** When the reporter first learnt that Agora receives a stream. */
  const receivedAt = new Map<string, number>()
  return {
    onAnswer: (call: string, { sid = '' }: { sid?: string }, answer: AnswerLike): void => {
      const { files, uploadingStatus = 'unknown' } = answer
      if (files?.length || uploadingStatus !== 'unknown') listed.add(sid)
      if (uploadingStatus === 'backuped') reported.add(`${sid} uploads_backuped`)
      if (call !== 'query' || answer.status !== 200 || !isRunningStatus(answer.state)) return
      if (!files?.length) withoutFilesAt.set(sid, world.time.now())
    },
    onNotification: (task: Task, event: AgoraEvent): void => {
      if (event.files?.length || isGoodNews(event)) listed.add(task.sid)
      if (!isAboutUploads(event)) return
      reported.add(`${task.sid} ${codeOf(task) ?? 'over'}`)
      due.set(task.sid, codeOf(task))
      const { sid, notifiedUid, sequence } = task
      last.set(`${sid} ${notifiedUid}`, { sid, sequence, isAccepted: false })
    },
    onNotificationAccepted: ({ sid, uid, sequence, eventType, state }: Notification): void => {
      const isReceived = (eventType === 43 || eventType === 44) && state === 0
      if (isReceived && !receivedAt.has(sid)) receivedAt.set(sid, world.time.now())
      const notified = last.get(`${sid} ${uid}`)
      if (notified?.sequence === sequence) notified.isAccepted = true
    },
    isCause: (code: FileCode, sid: string, at: number): boolean =>
      code === 'no_files'
        ? at - (withoutFilesAt.get(sid) ?? Number.NEGATIVE_INFINITY) <= MAX_ANSWER_AGE_MS
        : reported.has(`${sid} ${code}`),
    isOver: (code: FileCode, sid: string): boolean =>
      code === 'no_files'
        ? listed.has(sid)
        : ['over', ...CODES].some((other) => other !== code && reported.has(`${sid} ${other}`)),
    /** Whether Agora receives a stream of the channel since then. Without one, no file is expected. */
    isReceivedSince: (sid: string, at: number): boolean =>
      (receivedAt.get(sid) ?? Number.POSITIVE_INFINITY) <= at,
    dueTo: (sid: string): FileCode | undefined => due.get(sid),
    hasListed: (sid: string): boolean => listed.has(sid),
    /** Nothing about the uploads of the task's sessions is lost or on its way. */
    isKnown: (sid: string): boolean =>
      [...last.values()].every((each) => each.sid !== sid || each.isAccepted),
  }
}

interface AnswerLike {
  status?: number
  state?: number
  files?: string[]
  uploadingStatus?: string
}

const isAboutUploads = ({ eventType, module }: AgoraEvent): boolean =>
  [30, 31, 32, 33, 34].includes(eventType) || (eventType === 1 && module === 1)

/** Files have been uploaded or backed up, so there are some. */
const isGoodNews = ({ eventType, status }: AgoraEvent): boolean =>
  (eventType === 31 && status === 0) || eventType === 32 || eventType === 33

/** What attention is due to the task's uploads once they have been notified. */
const codeOf = ({ uploads }: Task): FileCode | undefined => {
  const states = new Set<Uploads>(uploads.values())
  if (states.has('failed') || states.has('failing')) return 'upload_failing'
  return states.has('backedUp') ? 'uploads_backuped' : undefined
}

/** By code, whether the attempt must be named at the end; without the codes of which Agora has not said enough. */
const expectedOf = (
  context: InvariantContext,
  { recording, attempt, task }: { recording: Recording; attempt: Attempt; task: Task },
  evidence: Evidence,
): [FileCode, boolean][] => {
  const { sid } = task
  const due = evidence.dueTo(sid)
  const uploads: [FileCode, boolean][] = evidence.isKnown(sid)
    ? [
        ['upload_failing', due === 'upload_failing'],
        ['uploads_backuped', due === 'uploads_backuped'],
      ]
    : []
  const { paused, policy } = recording
  const since = context.world.time.now() - policy.fileTimeout * 1000 - CONFIRMED_MS
  const isWatched =
    task.ended === null &&
    isSupervised(recording, attempt.number) &&
    !paused &&
    !task.onhold &&
    (task.channel === null || evidence.isReceivedSince(sid, since))
  if (!isWatched || task.startedAt > since || !isFaultFreeSince(context, since)) return uploads
  return [...uploads, ['no_files', policy.fileTimeout > 0 && !evidence.hasListed(sid)]]
}
