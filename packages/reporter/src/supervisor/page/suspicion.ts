import { arm, type Draft, formatUtc, secondsBetween } from '../draft.ts'
import { type Attempt, type Reason, reason } from '../recording.ts'
import { failAttempt } from '../restart.ts'
import { summarizePage } from './pageSummary.ts'
import { deferSilenceCheck } from './silence.ts'

/** Agora records. A page that is suspected to be dead is dead then, unless its reports cannot arrive. */
export const judgeSuspicion = (draft: Draft, attempt: Attempt, status: number): void => {
  if (attempt.suspicion === null) return
  const isCanary = attempt.state === 'candidate' && attempt.candidateFor?.code === 'ingress_outage'
  if (draft.ingressSuspect && !isCanary) {
    deferSilenceCheck(draft, attempt)
    return
  }
  const graceLeft = secondsBetween(draft.now, attempt.graceUntil ?? 0)
  if (graceLeft > 0) {
    arm(draft, attempt, 'queryAt', graceLeft)
    return
  }
  failAttempt(draft, attempt, deadPageReason(draft, attempt, status), { taskStatus: 'running' })
}

/** The page is dead inside a recorder that keeps running. */
const deadPageReason = (draft: Draft, attempt: Attempt, status: number): Reason => {
  const { message, evidence } = summarizePage(draft, attempt)
  if (attempt.suspicion === 'never_contacted') {
    const waited = secondsBetween(attempt.startedAt, draft.now)
    return reason(
      'page_never_contacted',
      `No report from the page within ${waited} s, while Agora records (status ${status}). ${message}`,
      { waited, status, sid: attempt.sid, ...evidence },
    )
  }
  const silent = secondsBetween(attempt.lastBeatAt, draft.now)
  const last = formatUtc(attempt.lastBeatAt ?? draft.now)
  return reason(
    'page_silent',
    `No report from the page for ${silent} s, the last one at ${last}, while Agora records (status ${status}). ${message}`,
    { silent, status, sid: attempt.sid, ...evidence },
  )
}
