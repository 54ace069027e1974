import { createQuota } from '@stillrolling/rest-core'
import { findAttempt } from '../../../packages/reporter/src/supervisor/attempts.ts'
import { REAL_KIT } from '../kit.ts'
import { alterDecision, alterInput, alterStore, type Mutation } from './mutation.ts'

/** Mistakes in what the reporter counts and stores. */
export const BOOKKEEPING: readonly Mutation[] = [
  {
    breaks: 'quota',
    what: 'the client may send more requests than the App ID',
    kit: { ...REAL_KIT, quota: (options) => createQuota({ ...options, perSecond: 100 }) },
  },
  {
    breaks: 'idempotentSignals',
    what: 'reports are accepted in any order',
    kit: alterInput((before, signal) => {
      if (signal.type !== 'report') return [before, signal]
      const seq = (findAttempt(before, signal.attempt)?.page?.seq ?? 0) + 1
      return [before, { ...signal, report: { ...signal.report, seq } }]
    }),
  },
  {
    breaks: 'timelineComplete',
    what: 'a notification that arrives twice is handled twice',
    kit: alterStore((operations) => ({
      rememberNotification: async (key, now) => {
        await operations.rememberNotification(key, now)
        return true
      },
    })),
  },
  {
    breaks: 'timelineComplete',
    what: 'each decision loses its first timeline entry',
    kit: alterDecision((decision) => ({ ...decision, timeline: decision.timeline.slice(1) })),
  },
  {
    breaks: 'storesAgree',
    what: 'the SQL store forgets how many slow retries there were',
    kit: {
      ...REAL_KIT,
      sqlOperations: (operations) => ({
        ...operations,
        saveRecording: (stored, recording, now) =>
          operations.saveRecording(stored, { ...recording, slowRetries: 0, neverLoaded: 0 }, now),
      }),
    },
  },
  {
    breaks: 'storesAgree',
    what: 'the SQL store does not complete effects',
    kit: { ...REAL_KIT, sqlOperations: (operations) => ({ ...operations, completeEffect: async () => {} }) },
  },
]
