import { supervisedAttempts } from '../attempts.ts'
import { clearAttention, raiseAttention } from '../attention.ts'
import { addTimelineEntry, arm, type Draft, disarm, extend, secondsBetween } from '../draft.ts'
import type { Policy } from '../policy.ts'
import { requestQuery } from '../query.ts'
import type { Attempt } from '../recording.ts'

/** Seconds between two reports of the page. One that reports at a longer interval than the policy's has two of those. */
export const silenceAllowed = (
  { heartbeatTimeout }: Policy,
  { formerInterval }: Pick<Attempt, 'formerInterval'>,
): number => Math.max(heartbeatTimeout, 2 * (formerInterval ?? 0))

/** Whether the page reported within `heartbeatTimeout`. Healthy or not, it is then open in a running recorder. */
export const isReporting = (draft: Draft, attempt: Attempt): boolean =>
  attempt.lastBeatAt !== null &&
  draft.now - attempt.lastBeatAt < silenceAllowed(draft.recording.policy, attempt) * 1000

/** Whether the page reports or still has time to, for example because the reporter was down. */
export const mayStillReport = (draft: Draft, attempt: Attempt): boolean =>
  isReporting(draft, attempt) || (attempt.deadlines.beatBy ?? 0) > draft.now

type PageDeadline = 'loadBy' | 'beatBy' | 'healthyBy'

/**
 * The silence has a known cause other than the page: extends every armed page deadline to at least `grace` seconds from
 * now. A page that was suspected before stays suspected until it reports, but is not replaced for as long.
 */
export const grantGrace = (draft: Draft, attempt: Attempt, grace: Record<PageDeadline, number>): void => {
  for (const name of ['loadBy', 'beatBy', 'healthyBy'] as const) {
    if (attempt.deadlines[name] !== undefined) extend(draft, attempt, name, grace[name])
  }
  if (attempt.suspicion === null) return
  const seconds = attempt.suspicion === 'silent' ? grace.beatBy : grace.loadBy
  attempt.graceUntil = Math.max(attempt.graceUntil ?? 0, draft.now + seconds * 1000)
}

/** The reporter was not listening: suspicions from before its downtime mean nothing. */
export const clearSuspicion = (draft: Draft, attempt: Attempt): void => {
  const { policy } = draft.recording
  if (attempt.suspicion === 'silent') arm(draft, attempt, 'beatBy', policy.heartbeatTimeout)
  if (attempt.suspicion === 'never_contacted') arm(draft, attempt, 'loadBy', policy.loadTimeout)
  attempt.suspicion = null
  attempt.graceUntil = null
}

/** Silence proves nothing on its own: Agora is queried, unless most other pages are silent too. */
export const suspectSilence = (draft: Draft, attempt: Attempt): void => {
  const silent = secondsBetween(attempt.lastBeatAt, draft.now)
  const evidence = { silent, lastBeatAt: attempt.lastBeatAt }
  disarm(attempt, 'beatBy')
  if (draft.ingressSuspect) {
    if (attempt.suspicion === null) {
      const message = `No report from the page for ${silent} s, nor from most other pages: the way to the reporter seems broken, so nothing is restarted`
      addTimelineEntry(draft, 'page.silent_in_outage', attempt, message, evidence)
    }
    attempt.suspicion = 'silent'
    raiseReportsNotReceived(draft)
    deferSilenceCheck(draft, attempt)
    return
  }
  clearAttention(draft, 'reports_not_received')
  attempt.suspicion = 'silent'
  const message = `No report from the page for ${silent} s: querying Agora`
  addTimelineEntry(draft, 'page.silent', attempt, message, evidence)
  requestQuery(draft, attempt)
}

/** Seconds between two checks of a page that is silent during an ingress outage. */
const OUTAGE_RECHECK = 10

/** Takes no action on a silent page for now. */
export const deferSilenceCheck = (draft: Draft, attempt: Attempt): void => {
  if (attempt.suspicion === 'silent') {
    arm(draft, attempt, 'beatBy', OUTAGE_RECHECK)
    return
  }
  attempt.suspicion = null
  arm(draft, attempt, 'loadBy', OUTAGE_RECHECK)
}

/** During an ingress outage the load and health deadlines of silent pages are moved instead of enforced. */
export const isExcusedByOutage = (draft: Draft, attempt: Attempt, name: 'loadBy' | 'healthyBy'): boolean => {
  // A canary is started to find out whether reports arrive: its own silence is the answer.
  const isCanary = attempt.candidateFor?.code === 'ingress_outage' && attempt.state === 'candidate'
  if (!draft.ingressSuspect) clearAttention(draft, 'reports_not_received')
  if (!draft.ingressSuspect || isCanary || isReporting(draft, attempt)) return false
  raiseReportsNotReceived(draft)
  arm(draft, attempt, name, OUTAGE_RECHECK)
  return true
}

const isReceivingReports = (draft: Draft): boolean =>
  supervisedAttempts(draft.recording).some((attempt) => isReporting(draft, attempt))

const raiseReportsNotReceived = (draft: Draft): void => {
  if (isReceivingReports(draft)) return
  const cause = draft.ingressCause ?? 'Check the way from the pages to PUBLIC_URL'
  const message = `Reports of this page are not received, nor those of most others, so silence restarts nothing. ${cause}`
  raiseAttention(draft, 'reports_not_received', message)
}

/** Reports arrive, or none is waited for. The end of the outage clears the attention of the others at their next deadline. */
export const clearReportsNotReceived = (draft: Draft): void => {
  const { desired, gaveUp } = draft.recording
  const isWaiting = desired === 'running' && gaveUp === null && !isReceivingReports(draft)
  if (!isWaiting) clearAttention(draft, 'reports_not_received')
}
