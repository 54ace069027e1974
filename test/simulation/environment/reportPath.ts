import type { Random } from '../random.ts'
import type { ReportAnswer, SentReport } from './page.ts'

/** The way from the pages to the reporter. */
export interface ReportPath {
  send(sent: SentReport): Promise<ReportAnswer>
  /** Loses this share of the reports, 0…1, or of the answers to them. @returns a function that ends the fault */
  injectLoss(share: number): () => void
}

const NO_ANSWER: ReportAnswer = { status: 0, sid: null }

export const createReportPath = (
  random: Random,
  deliver: (sent: SentReport) => Promise<ReportAnswer>,
): ReportPath => {
  const shares: number[] = []
  return {
    send: async (sent) => {
      if (!shares.some((share) => random.chance(share))) return deliver(sent)
      if (random.chance(0.5)) return NO_ANSWER
      await deliver(sent)
      return NO_ANSWER
    },
    injectLoss: (share) => {
      shares.push(share)
      return () => {
        shares.splice(shares.indexOf(share), 1)
      }
    },
  }
}
