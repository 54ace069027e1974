import { isDeepStrictEqual } from 'node:util'
import { withAttempts } from '../../../packages/reporter/src/supervisor/attempts.ts'
import type { Commit } from '../reporter/process.ts'
import type { Invariant } from './context.ts'

/** Reports, answers and notifications are idempotent: the same one a second time changes nothing. */
export const idempotentSignals: Invariant = ({ breach, kit }) => ({
  onCommit: ({ wallAt, after, signal, timeline: entries }) => {
    // It is unknown which attempt the second sid belongs to, so every mention adds a timeline entry.
    if (!isIdempotent(signal) || entries.some(({ code }) => code === 'attempt.sid_conflict')) return
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

const isIdempotent = (signal: Commit['signal']): boolean => {
  if (signal.type === 'notification') return [70, 71, 72].includes(signal.notification.eventType)
  return signal.type === 'report' ? signal.report.type !== 'bye' : ['started', 'stop'].includes(signal.type)
}
