import {
  currentAttempt,
  findAttempt,
  isSupervised,
} from '../../../packages/reporter/src/supervisor/attempts.ts'
import { decide } from '../../../packages/reporter/src/supervisor/decide.ts'
import type { Policy } from '../../../packages/reporter/src/supervisor/policy.ts'
import type { Recording } from '../../../packages/reporter/src/supervisor/recording.ts'
import type { Signal } from '../../../packages/reporter/src/supervisor/signal.ts'
import { type Kit, REAL_KIT } from '../kit.ts'
import { alterDecision, alterInput, ignoreSignals, type Mutation, withAttempt } from './mutation.ts'

type Notified = Extract<Signal, { type: 'notification' }>

/** Changes the notifications about channels. */
const alterNotification = (
  mistake: (signal: Notified, before: Recording) => Partial<Notified['notification']>,
): Kit =>
  alterInput((before, signal) => {
    if (signal.type !== 'notification' || before.kind !== 'channel') return [before, signal]
    return [before, { ...signal, notification: { ...signal.notification, ...mistake(signal, before) } }]
  })

/** Decides on channels by another policy, which is not stored. */
const withPolicy = (change: (policy: Policy, signal: Signal) => Partial<Policy>): Kit => ({
  ...REAL_KIT,
  decide: (before, signal, moment) => {
    const { policy, kind } = before
    if (kind !== 'channel') return decide(before, signal, moment)
    const altered = { ...before, policy: { ...policy, ...change(policy, signal) } }
    const decision = decide(altered, signal, moment)
    return { ...decision, recording: { ...decision.recording, policy } }
  },
})

/** A channel is not rolled over. */
const withoutRollOver = (which: (recording: Recording) => boolean): Kit =>
  alterDecision((decision) => {
    const { recording } = decision
    if (recording.kind !== 'channel' || !which(recording)) return decision
    const { rollOverAt, ...deadlines } = recording.deadlines
    return { ...decision, recording: { ...recording, deadlines } }
  })

const SESSION_ENDS = [11, 31, 32, 41]

/** Mistakes about channels: the end of a session, high availability, changes, and the hours of a resource. */
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
    kit: withPolicy(({ onIdleExit }) => ({ onIdleExit: onIdleExit === 'wait' ? 'restart' : onIdleExit })),
  },
  {
    breaks: 'sessionEnds',
    what: 'a recording that should end with its session goes on',
    kit: withPolicy(({ onIdleExit }) => ({ onIdleExit: onIdleExit === 'end' ? 'restart' : onIdleExit })),
  },
  {
    breaks: 'restartLimits',
    what: 'an empty channel is retried without a delay',
    kit: alterDecision((decision) => ({ ...decision, recording: { ...decision.recording, idleExits: [] } })),
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
    breaks: 'resourceExpiry',
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
    what: 'a user who comes back before the end is known is missed',
    kit: alterInput((before, signal) => {
      const isEnd = signal.type === 'notification' && signal.attempt === currentAttempt(before)?.number
      return [isEnd ? { ...before, joinedAt: null } : before, signal]
    }),
  },
  {
    breaks: 'resourceExpiry',
    what: 'a task is not stopped in the last moment if nothing has replaced it',
    kit: withoutRollOver(({ replacing }) => replacing?.code === 'resource_expired_hour'),
  },
  {
    breaks: 'channelRecorded',
    what: 'a recording that waits for users misses those who join',
    kit: ignoreSignals(({ type }) => type === 'joined'),
  },
  {
    breaks: 'promptRecovery',
    what: 'an attempt that is not highly available is kept',
    kit: withPolicy(() => ({ requireHa: false })),
  },
  {
    breaks: 'oneCurrentAttempt',
    what: 'a candidate takes over although it is not highly available',
    kit: withPolicy(({ requireHa }, { type }) => ({ requireHa: requireHa && type !== 'queried' })),
  },
  {
    breaks: 'resourceExpiry',
    what: 'a channel is not replaced before its resource expires',
    kit: withoutRollOver(() => true),
  },
  {
    breaks: 'resourceExpiry',
    what: 'a channel is not replaced then if pages would not be',
    kit: withoutRollOver(({ policy }) => policy.rollOverAhead === 0 || policy.handOver === 'replace'),
  },
  {
    breaks: 'changesConfirmed',
    what: 'an unclear answer to a change counts as its confirmation',
    kit: alterInput((before, signal) =>
      signal.type === 'updateAnswered' && before.kind === 'channel' && signal.outcome === 'unknown'
        ? [before, { ...signal, outcome: 'done' }]
        : [before, signal],
    ),
  },
  {
    breaks: 'changesConfirmed',
    what: 'a change reaches the next attempt only',
    kit: alterInput((before, signal) => {
      if (signal.type !== 'updateAnswered' || before.kind !== 'channel') return [before, signal]
      return [withAttempt(before, signal.attempt, () => ({ update: null })), signal]
    }),
  },
  {
    breaks: 'changesConfirmed',
    what: 'nothing is said about a change that Agora has refused',
    kit: alterDecision((decision) => ({
      ...decision,
      recording: {
        ...decision.recording,
        attention: decision.recording.attention.filter(({ code }) => code !== 'change_refused'),
      },
      timeline: decision.timeline.filter(({ evidence }) => evidence.attention !== 'change_refused'),
    })),
  },
]

export const CHANNELS: readonly Mutation[] = MISTAKES.map((mistake) => ({ ...mistake, seeds: 'channels' }))
