import { isDeepStrictEqual } from 'node:util'
import { findAttempt, withAttempts } from '../../../packages/reporter/src/supervisor/attempts.ts'
import type { Commit } from '../reporter/process.ts'
import type { Invariant } from './context.ts'
import { isCertainEnd } from './sessionEvidence.ts'

/** Reports, answers and notifications are idempotent: the same one a second time changes nothing. */
export const idempotentSignals: Invariant = ({ breach, kit }) => ({
  onCommit: (commit) => {
    const { wallAt, after, signal, timeline: entries } = commit
    // It is unknown which attempt the second sid belongs to, so every mention adds a timeline entry.
    if (!isIdempotent(commit) || entries.some(({ code }) => code === 'attempt.sid_conflict')) return
    const { recording, settled, effects, timeline } = kit.decide(after, signal, { now: wallAt, random: 0.5 })
    if (
      effects.length === 0 &&
      timeline.length === 0 &&
      isDeepStrictEqual(withAttempts(recording, settled), after)
    )
      return
    const changes = [...effects.map(({ kind }) => kind), ...timeline.map(({ code }) => code)].join(', ')
    breach(`${after.id}: ${signal.type} a second time leads to ${changes || 'another state'}`)
  },
})

const isIdempotent = (commit: Commit): boolean => {
  const { signal } = commit
  if (signal.type === 'notification') {
    const attempt = findAttempt(commit.before, signal.attempt)
    const isEnd = commit.before.kind === 'channel' && attempt && isCertainEnd(attempt, signal.notification)
    return IDEMPOTENT_EVENTS.has(signal.notification.eventType) || isEnd === true
  }
  return signal.type === 'report' ? signal.report.type !== 'bye' : ['started', 'stop'].includes(signal.type)
}

/** Of a page the beginning and the ends, of a channel what is remembered of it. After others Agora is queried. */
const IDEMPOTENT_EVENTS: ReadonlySet<number> = new Set([13, 42, 43, 44, 70, 71, 72])
