import { currentAttempt } from '../../../packages/reporter/src/supervisor/attempts.ts'
import type { Recording } from '../../../packages/reporter/src/supervisor/recording.ts'
import type { Kit } from '../kit.ts'
import { withChannelPolicy } from './channelPolicy.ts'
import { alterDeadlines, alterDecision, alterInput, type Mutation, withAttempt } from './mutation.ts'

/** A channel is not rolled over. */
const withoutRollOver = (which: (recording: Recording) => boolean): Kit =>
  alterDecision((decision) => {
    const { recording } = decision
    if (recording.kind !== 'channel' || !which(recording)) return decision
    const { rollOverAt, ...deadlines } = recording.deadlines
    return { ...decision, recording: { ...recording, deadlines } }
  })

/** Mistakes about channels: high availability, changes, and the hours of a resource. */
const MISTAKES: readonly Omit<Mutation, 'seeds'>[] = [
  {
    breaks: 'healthyKept',
    what: 'event 13 is missed three seconds too early',
    kit: alterDeadlines((deadlines, earlier) => {
      const { haBy } = deadlines
      const isNew = haBy !== undefined && haBy !== earlier?.haBy
      return isNew ? { ...deadlines, haBy: haBy - 3000 } : deadlines
    }),
  },
  {
    breaks: 'nothingLost',
    what: 'a channel is not replaced before the last moment',
    kit: alterDecision((decision) => {
      const { recording } = decision
      const current = currentAttempt(recording)
      const { rollOverAt } = recording.deadlines
      if (recording.kind !== 'channel' || !current || rollOverAt === undefined) return decision
      const begun = current.acquiredAt ?? current.createdAt
      const lastMoment = begun + recording.maxRecordingHour * 3_600_000 - 20_000
      const deadlines = { ...recording.deadlines, rollOverAt: Math.max(rollOverAt, lastMoment) }
      return { ...decision, recording: { ...recording, deadlines } }
    }),
  },
  {
    breaks: 'resourceExpiry',
    what: 'a task is not stopped in the last moment if nothing has replaced it',
    kit: withoutRollOver(({ replacing }) => replacing?.code === 'resource_expired_hour'),
  },
  {
    breaks: 'promptRecovery',
    what: 'an attempt that is not highly available is kept',
    kit: withChannelPolicy(() => ({ requireHa: false })),
  },
  {
    breaks: 'oneCurrentAttempt',
    what: 'a candidate takes over although it is not highly available',
    kit: withChannelPolicy(({ requireHa }, { type }) => ({ requireHa: requireHa && type !== 'queried' })),
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
