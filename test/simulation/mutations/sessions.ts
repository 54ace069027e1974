import type { StoreOperations } from '../../../packages/reporter/src/store/store.ts'
import {
  currentAttempt,
  findAttempt,
  isSupervised,
} from '../../../packages/reporter/src/supervisor/attempts.ts'
import { decide } from '../../../packages/reporter/src/supervisor/decide.ts'
import type { Recording } from '../../../packages/reporter/src/supervisor/recording.ts'
import type { Signal } from '../../../packages/reporter/src/supervisor/signal.ts'
import { type Kit, REAL_KIT } from '../kit.ts'
import { withChannelPolicy } from './channelPolicy.ts'
import {
  alterDecision,
  alterInput,
  alterStore,
  ignoreSignals,
  type Mutation,
  withAttempt,
} from './mutation.ts'

type Notified = Extract<Signal, { type: 'notification' }>

/** Changes the notifications about channels. */
const alterNotification = (
  mistake: (signal: Notified, before: Recording) => Partial<Notified['notification']>,
): Kit =>
  alterInput((before, signal) => {
    if (signal.type !== 'notification' || before.kind !== 'channel') return [before, signal]
    return [before, { ...signal, notification: { ...signal.notification, ...mistake(signal, before) } }]
  })

/** Of a recorder that has joined a channel only the uid is known: it is not found. */
const findBySid =
  (operations: StoreOperations): StoreOperations['findAttempt'] =>
  async (task) =>
    task.sid === undefined ? undefined : operations.findAttempt(task)

/** A user who has joined before the end of the session is known. */
const missEarlyJoins = (onIdleExit: Recording['policy']['onIdleExit']): Kit =>
  alterInput((before, signal) => {
    const isEnd = signal.type === 'notification' && signal.attempt === currentAttempt(before)?.number
    return [isEnd && before.policy.onIdleExit === onIdleExit ? { ...before, joinedAt: null } : before, signal]
  })

const SESSION_ENDS = [11, 31, 32, 41]

/** Mistakes about the ends of channels' sessions, and about users who come and go. */
const MISTAKES: readonly Omit<Mutation, 'seeds'>[] = [
  {
    breaks: 'supersededIgnored',
    what: 'every message that a session has ended ends the current attempt',
    kit: alterInput((before, signal) => {
      const current = currentAttempt(before)
      const isEnd = signal.type === 'notification' && SESSION_ENDS.includes(signal.notification.eventType)
      if (before.kind !== 'channel' || !isEnd || !current?.sid || isSupervised(before, signal.attempt)) {
        return [before, signal]
      }
      const { sid, uid, newUid } = current
      const notification = { ...signal.notification, sid, uid: newUid ?? uid }
      return [before, { ...signal, attempt: current.number, notification }]
    }),
  },
  {
    breaks: 'sessionEnds',
    what: 'an idle exit counts as a failure',
    kit: alterDecision((decision, before) => {
      if (!decision.timeline.some(({ code }) => code === 'attempt.idle_exit')) return decision
      const failures = [...before.failures, before.createdAt]
      return { ...decision, recording: { ...decision.recording, failures } }
    }),
  },
  {
    breaks: 'sessionEnds',
    what: 'a task that somebody has stopped at Agora is replaced',
    kit: alterNotification(({ notification }) => (notification.leaveCode === 16 ? { leaveCode: 4 } : {})),
  },
  {
    breaks: 'sessionEnds',
    what: 'a recorder that has left an empty channel counts as stopped by somebody',
    kit: alterNotification(({ notification }) => (notification.leaveCode === 20 ? { leaveCode: 16 } : {})),
  },
  {
    breaks: 'sessionEnds',
    what: 'a recording does not wait for users',
    kit: withChannelPolicy(({ onIdleExit }) => ({
      onIdleExit: onIdleExit === 'wait' ? 'restart' : onIdleExit,
    })),
  },
  {
    breaks: 'sessionEnds',
    what: 'a recording that should end with its session goes on',
    kit: withChannelPolicy(({ onIdleExit }) => ({
      onIdleExit: onIdleExit === 'end' ? 'restart' : onIdleExit,
    })),
  },
  {
    breaks: 'restartLimits',
    what: 'an empty channel is retried without a delay',
    kit: alterDecision((decision) => ({ ...decision, recording: { ...decision.recording, idleExits: [] } })),
  },
  {
    breaks: 'restartLimits',
    what: 'every user who joins an empty channel starts an attempt, however frequent the exits are',
    kit: {
      ...REAL_KIT,
      decide: (before, signal, moment) => {
        if (signal.type !== 'joined') return decide(before, signal, moment)
        const { idleExits } = before
        const decision = decide({ ...before, idleExits: [] }, signal, moment)
        return { ...decision, recording: { ...decision.recording, idleExits } }
      },
    },
  },
  {
    breaks: 'restartLimits',
    what: 'a user who joins starts an attempt that is delayed because of failures',
    kit: alterInput((before, signal) => {
      const { reason } = before
      const altered = { ...before, reason: reason && { ...reason, code: 'idle_exit' as const } }
      return [signal.type === 'joined' ? altered : before, signal]
    }),
  },
  {
    breaks: 'sessionEnds',
    what: 'the recorders of other recordings count as users',
    kit: alterStore((operations) => ({
      liveRecordingsIn: async (cname) => (await operations.liveRecordingsIn(cname)).slice(0, 1),
      findAttempt: findBySid(operations),
    })),
  },
  {
    breaks: 'sessionEnds',
    what: 'the recorders of stopped recordings count as users',
    kit: alterStore((operations) => ({ findAttempt: findBySid(operations) })),
  },
  {
    breaks: 'recordingsApart',
    what: 'a notification is for the first recording of its channel',
    kit: alterStore((operations) => ({
      findAttempt: async (task) => {
        const found = await operations.findAttempt(task)
        const [id] = await operations.liveRecordingsIn(task.cname)
        if (id === undefined || id === found?.recordingId) return found
        const first = (await operations.loadRecording(id))?.recording
        const current = first?.kind === 'channel' ? currentAttempt(first) : undefined
        return current ? { recordingId: id, number: current.number, sid: task.sid ?? current.sid } : found
      },
    })),
  },
  {
    breaks: 'healthyKept',
    what: 'the first 404 about a channel is believed',
    kit: alterInput((before, signal) => {
      const isDenial = signal.type === 'queried' && signal.answer.kind === 'notFound'
      if (before.kind !== 'channel' || !isDenial) return [before, signal]
      const impatient = withAttempt(before, signal.attempt, ({ query }) => ({
        query: { ...query, notFound: 99, notFoundSince: 0 },
      }))
      return [impatient, signal]
    }),
  },
  {
    breaks: 'promptRecovery',
    what: 'the end of a session is noticed by queries only',
    kit: ignoreSignals(
      (signal, { kind }) =>
        kind === 'channel' &&
        signal.type === 'notification' &&
        SESSION_ENDS.includes(signal.notification.eventType),
    ),
  },
  {
    breaks: 'healthyKept',
    what: 'a recorder that has left by a signal is not expected to return',
    kit: alterNotification(({ notification }) => (notification.leaveCode === 2 ? { leaveCode: 4 } : {})),
  },
  {
    breaks: 'healthyKept',
    what: 'the end of a session that a failover has replaced ends the attempt',
    kit: alterNotification(({ attempt: number, notification }, before) => {
      const newUid = findAttempt(before, number)?.newUid ?? null
      const isEnd = newUid !== null && SESSION_ENDS.includes(notification.eventType)
      return isEnd ? { eventType: 41, leaveCode: 4, uid: newUid } : {}
    }),
  },
  {
    breaks: 'healthyKept',
    what: 'an end without the word of the recorder is believed without a query',
    kit: alterNotification(({ notification: { eventType, code = 0 } }) =>
      [11, 31, 32].includes(eventType) && code === 0 ? { eventType: 41, leaveCode: 4 } : {},
    ),
  },
  {
    breaks: 'healthyKept',
    what: 'the answer that a task records does not disprove its end',
    kit: alterInput((before, signal) => {
      const current = currentAttempt(before)
      if (signal.type !== 'due' || before.kind !== 'channel' || !current?.sessionEnd) return [before, signal]
      return [withAttempt(before, current.number, () => ({ recordsAt: null })), signal]
    }),
  },
  {
    breaks: 'sessionEnds',
    what: 'a user who comes back before the end is known is missed by a recording that waits for users',
    kit: missEarlyJoins('wait'),
  },
  {
    breaks: 'restartLimits',
    what: 'a user who comes back before the end is known is missed by a recording that does not wait',
    kit: missEarlyJoins('restart'),
  },
  {
    breaks: 'channelRecorded',
    what: 'a recording that waits for users misses those who join',
    kit: ignoreSignals(({ type }) => type === 'joined'),
  },
]

export const SESSIONS: readonly Mutation[] = MISTAKES.map((mistake) => ({ ...mistake, seeds: 'channels' }))
