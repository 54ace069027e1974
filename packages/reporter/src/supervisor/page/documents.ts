import { supervisedAttempts } from '../attempts.ts'
import { clearAttention, raiseAttention } from '../attention.ts'
import { addTimelineEntry, armRecording, type Draft, disarm, disarmRecording } from '../draft.ts'
import type { Attempt, EarlierPage, Page } from '../recording.ts'
import type { PageReport } from '../signal.ts'

/** Earlier documents of an attempt whose reports are looked at. */
const MAX_FOLLOWED = 4
/** Seconds without a report of an earlier document after which there is one document again; at least `heartbeatTimeout`. */
const MIN_QUIET = 60

/** A newer document has said hello: from now on only that one counts, and the former one is looked at. */
export const followFormer = (attempt: Attempt, { id, seq, loaded, openedAt }: Page): void => {
  const former = { id, seq, loaded, openedAt, lastBeatAt: attempt.lastBeatAt ?? 0, speaksOn: false }
  attempt.followedPages = [former, ...attempt.followedPages].slice(0, MAX_FOLLOWED)
}

/**
 * An earlier document reports beside the newest one. It neither prolongs the life of that one nor fails it; if it speaks on,
 * a person should look at it.
 */
export const handleEarlierReport = (draft: Draft, attempt: Attempt, report: PageReport): void => {
  const known = attempt.followedPages.find(({ id }) => id === report.page)
  if (!known || report.seq <= known.seq) return
  const others = attempt.followedPages.filter((each) => each !== known)
  attempt.followedPages = others
  if (report.type === 'bye') return
  const speaksOn = known.speaksOn || !mayEndByItself(draft, attempt)
  const loaded = known.loaded || report.type === 'loaded'
  attempt.followedPages = [{ ...known, seq: report.seq, loaded, lastBeatAt: draft.now, speaksOn }, ...others]
  if (!speaksOn) return
  armQuiet(draft)
  const message = `Two documents report with the token of attempt ${attempt.number}, and what the newest one reports counts. If somebody has opened the page's URL, close it, or restart the recording: the next attempt has a token of its own`
  raiseAttention(draft, 'two_documents', message)
}

const armQuiet = (draft: Draft): void =>
  armRecording(draft, 'quietAt', Math.max(MIN_QUIET, draft.recording.policy.heartbeatTimeout))

/** The reporter was down: silence of that time is no silence of a document. */
export const extendQuiet = (draft: Draft): void => {
  if (draft.recording.deadlines.quietAt !== undefined) armQuiet(draft)
}

/** A reload ends the former document within seconds, and a failover within `failoverWindow`. */
const mayEndByItself = ({ now, recording }: Draft, { page, failoverAt }: Attempt): boolean => {
  const { heartbeatTimeout, failoverWindow } = recording.policy
  const reloadEnds = (page?.openedAt ?? now) + heartbeatTimeout * 1000
  return now < Math.max(reloadEnds, failoverAt === null ? 0 : failoverAt + failoverWindow * 1000)
}

/**
 * The newest document is unloaded. If an earlier one has reported since that one was opened, and is not silent, it counts
 * again: somebody has opened the URL and closed it. Its last report, not the unloading, says until when it must report.
 */
export const returnToEarlier = (draft: Draft, attempt: Attempt): boolean => {
  const { heartbeatTimeout } = draft.recording.policy
  const openedAt = attempt.page?.openedAt ?? draft.now
  const isAlive = ({ lastBeatAt }: EarlierPage) => draft.now - lastBeatAt < heartbeatTimeout * 1000
  const earlier = attempt.followedPages.find((each) => each.lastBeatAt > openedAt && isAlive(each))
  if (!earlier || !attempt.page) return false
  const { id, seq, loaded, lastBeatAt } = earlier
  const hadLoaded = attempt.page.loaded
  const evidence = { page: attempt.page.id, counts: id }
  attempt.earlierPages = [...attempt.earlierPages.filter((each) => each !== id), attempt.page.id]
  attempt.followedPages = attempt.followedPages
    .filter((each) => each !== earlier)
    .map((each) => ({ ...each, speaksOn: each.speaksOn || (earlier.speaksOn && isAlive(each)) }))
  attempt.page = { id, seq, openedAt: earlier.openedAt, loaded, failing: [], failingSince: null }
  attempt.lastBeatAt = lastBeatAt
  attempt.suspicion = null
  attempt.graceUntil = null
  if (attempt.deadlines.beatBy !== undefined) attempt.deadlines.beatBy = lastBeatAt + heartbeatTimeout * 1000
  disarm(attempt, 'healthyBy')
  if (loaded) disarm(attempt, 'loadBy')
  if (loaded && !hadLoaded) draft.recording.neverLoaded = 0
  const message = 'The newest document is being unloaded: an earlier one, which reports on, counts again'
  addTimelineEntry(draft, 'page.bye', attempt, message, evidence)
  return true
}

/** `quietAt` has passed: no earlier document has reported for that long. */
export const forgetQuiet = (draft: Draft): void => {
  disarmRecording(draft, 'quietAt')
  for (const attempt of supervisedAttempts(draft.recording)) {
    attempt.followedPages = attempt.followedPages.map((page) => ({ ...page, speaksOn: false }))
  }
}

/** Ends the attention once no earlier document of a supervised attempt speaks on. */
export const clearTwoDocuments = (draft: Draft): void => {
  const { recording } = draft
  const isRunning = recording.desired === 'running'
  const speaksOn = ({ followedPages }: Attempt) => followedPages.some((page) => page.speaksOn)
  if (isRunning && supervisedAttempts(recording).some(speaksOn)) return
  disarmRecording(draft, 'quietAt')
  clearAttention(draft, 'two_documents')
}
