import { supervisedAttempts } from '../../../packages/reporter/src/supervisor/attempts.ts'
import { decide } from '../../../packages/reporter/src/supervisor/decide.ts'
import { REAL_KIT } from '../kit.ts'
import { alterDecision, ignoreSignals, type Mutation } from './mutation.ts'

/** Mistakes about files that are missing or do not reach the bucket. */
export const FILES: readonly Mutation[] = [
  {
    breaks: 'filesReported',
    what: 'event 32 is ignored',
    kit: ignoreSignals((signal) => signal.type === 'notification' && signal.notification.eventType === 32),
  },
  {
    breaks: 'filesReported',
    what: 'missing files are reported when their deadline passes, without a query',
    kit: {
      ...REAL_KIT,
      decide: (before, signal, moment) => {
        const decision = decide(before, signal, moment)
        const suspected = supervisedAttempts(decision.recording).find(
          ({ noFiles }) => noFiles === 'suspected',
        )
        if (signal.type !== 'due' || !suspected) return decision
        const answer = { kind: 'status' as const, status: 5, files: [] }
        return decide(decision.recording, { type: 'queried', attempt: suspected.number, answer }, moment)
      },
    },
  },
  {
    breaks: 'filesReported',
    what: 'the attention about files ends with the recording',
    kit: alterDecision((decision) => {
      const { recording, timeline } = decision
      if (recording.state !== 'stopped' || recording.attention.length === 0) return decision
      const cleared = recording.attention.map(({ code }) => ({
        code: 'attention.cleared' as const,
        attempt: null,
        message: '',
        evidence: { attention: code },
      }))
      return { ...decision, recording: { ...recording, attention: [] }, timeline: [...timeline, ...cleared] }
    }),
  },
  {
    breaks: 'filesReported',
    what: 'attention about files that do not reach the bucket is never over',
    kit: ignoreSignals((signal) => signal.type === 'notification' && signal.notification.eventType === 33),
  },
]
