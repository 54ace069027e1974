import { addTimelineEntry, arm, type Draft, disarm, extend, requestQuery, secondsBetween } from './draft.ts'
import type { Attempt } from './recording.ts'

/** Heard within the heartbeat time-out: a page that speaks, well or not, is open in a living recorder. */
export const isReporting = (draft: Draft, attempt: Attempt): boolean =>
  attempt.lastBeatAt !== null &&
  draft.now - attempt.lastBeatAt < draft.recording.policy.heartbeatTimeout * 1000

/** It speaks, or its time to do so is not over: after an absence of ours, say, it has as long as any other. */
export const mayStillReport = (draft: Draft, attempt: Attempt): boolean =>
  isReporting(draft, attempt) || (draft.recording.deadlines.beatBy ?? 0) > draft.now

/**
 * There is a reason for a silence that is not the page's: its deadlines that are running are moved to at least so
 * many seconds from now, and a doubt is withdrawn.
 */
export const grantGrace = (
  draft: Draft,
  attempt: Attempt,
  grace: Record<'loadBy' | 'beatBy' | 'healthyBy', number>,
): void => {
  const { deadlines } = draft.recording
  for (const name of ['loadBy', 'beatBy', 'healthyBy'] as const) {
    if (deadlines[name] !== undefined) extend(draft, name, grace[name])
  }
  if (attempt.suspicion === 'silent') arm(draft, 'beatBy', grace.beatBy)
  if (attempt.suspicion === 'never_contacted') arm(draft, 'loadBy', grace.loadBy)
  attempt.suspicion = null
}

/** Silence is no proof. Agora is asked about it, unless all the others are silent too. */
export const suspectSilence = (draft: Draft, attempt: Attempt): void => {
  const silent = secondsBetween(attempt.lastBeatAt, draft.now)
  const evidence = { silent, lastBeatAt: attempt.lastBeatAt }
  disarm(draft, 'beatBy')
  if (draft.ingressSuspect) {
    if (attempt.suspicion === null) {
      const words = `No report from the page for ${silent} s, nor from most others: they are waited for`
      addTimelineEntry(draft, 'page.silent_in_outage', attempt, words, evidence)
    }
    attempt.suspicion = 'silent'
    deferSilenceCheck(draft, attempt)
    return
  }
  attempt.suspicion = 'silent'
  addTimelineEntry(
    draft,
    'page.silent',
    attempt,
    `No report from the page for ${silent} s: asking Agora`,
    evidence,
  )
  requestQuery(draft, attempt)
}

/** Seconds between two looks at a page that is silent with most others. */
const OUTAGE_RECHECK = 10

/** Nothing is done about a silent page for now. */
export const deferSilenceCheck = (draft: Draft, attempt: Attempt): void => {
  if (attempt.suspicion === 'silent') {
    arm(draft, 'beatBy', OUTAGE_RECHECK)
    return
  }
  attempt.suspicion = null
  arm(draft, 'loadBy', OUTAGE_RECHECK)
}

/** What a page that is not heard may have done meanwhile is not held against it as long as nobody is heard. */
export const isExcusedByOutage = (draft: Draft, attempt: Attempt, name: 'loadBy' | 'healthyBy'): boolean => {
  if (!draft.ingressSuspect || isReporting(draft, attempt)) return false
  arm(draft, name, OUTAGE_RECHECK)
  return true
}
