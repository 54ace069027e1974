import { findAttempt } from '../../../packages/reporter/src/supervisor/attempts.ts'
import { decide } from '../../../packages/reporter/src/supervisor/decide.ts'
import { REAL_KIT } from '../kit.ts'
import { alterDecision, type Mutation } from './mutation.ts'

/** Mistakes about two documents with one token. */
export const DOCUMENTS: readonly Mutation[] = [
  {
    breaks: 'twoDocuments',
    what: 'reports of an earlier document count as those of the newest',
    kit: {
      ...REAL_KIT,
      decide: (before, signal, moment) => {
        const decision = decide(before, signal, moment)
        if (signal.type !== 'report') return decision
        const { report, attempt: number } = signal
        const seqIn = (recording: typeof before) =>
          findAttempt(recording, number)?.followedPages.find(({ id }) => id === report.page)?.seq
        const page = findAttempt(decision.recording, number)?.page
        if (!page || seqIn(before) === undefined || seqIn(decision.recording) === seqIn(before))
          return decision
        const counted = { ...report, page: page.id, seq: page.seq + 1 }
        return decide(decision.recording, { ...signal, report: counted }, moment)
      },
    },
  },
  {
    breaks: 'twoDocuments',
    what: 'nothing is said about two documents',
    kit: alterDecision((decision) => ({
      ...decision,
      recording: {
        ...decision.recording,
        attention: decision.recording.attention.filter(({ code }) => code !== 'two_documents'),
      },
      timeline: decision.timeline.filter(({ evidence }) => evidence.attention !== 'two_documents'),
    })),
  },
]
