import { isSupervised } from '../attempts.ts'
import { healthDisproves, keepCurrent } from '../candidate.ts'
import { addTimelineEntry, arm, type Draft, disarm, extend, secondsBetween } from '../draft.ts'
import { rearmRollOver } from '../hourLimit.ts'
import { awaitFile } from '../output.ts'
import { type Attempt, type FailedCheck, type Page, reason } from '../recording.ts'
import { failAttempt } from '../restart.ts'
import type { PageReport } from '../signal.ts'
import { describeChecks, namesOf } from './checks.ts'
import { followFormer, handleEarlierReport, returnToEarlier } from './documents.ts'
import { summarizePage } from './pageSummary.ts'

/** Earlier documents remembered per attempt, to distinguish their late reports from those of a new document. */
const MAX_EARLIER_PAGES = 8

/** A report of an attempt's page. Late, duplicate and superseded reports change nothing. */
export const handlePageReport = (draft: Draft, attempt: Attempt, report: PageReport): void => {
  if (!isSupervised(draft.recording, attempt.number)) {
    recordSupersededReport(draft, attempt, report)
    return
  }
  if (isFromEarlier(attempt, report)) {
    handleEarlierReport(draft, attempt, report)
    return
  }
  const page = trackDocument(draft, attempt, report)
  if (!page) return
  page.seq = report.seq
  recordFirstError(draft, attempt, page, report.firstError)
  if (report.note !== undefined) page.note = report.note
  if (report.type === 'bye') {
    if (!returnToEarlier(draft, attempt)) {
      addTimelineEntry(draft, 'page.bye', attempt, 'The page is being unloaded')
    }
    return
  }
  recordContact(draft, attempt)
  if (report.errors !== undefined) page.errors = report.errors
  if (report.type === 'loaded' && !page.loaded) handleLoaded(draft, attempt, page)
  recordWarnings(draft, attempt, page, report.warnings ?? [])
  handleChecks(draft, attempt, page, report)
  if (isProven(draft, attempt)) keepCurrent(draft, attempt)
}

/** Whether soft evidence against the current attempt no longer holds: its page is loaded, healthy and reports. */
const isProven = (draft: Draft, attempt: Attempt): boolean => {
  const { replacing } = draft.recording
  const isWell = attempt.page?.loaded === true && attempt.page.failing.length === 0
  return attempt.state === 'current' && isWell && replacing !== null && healthDisproves(replacing)
}

/** One entry per document, for a few documents: anyone with the page's URL could otherwise fill the timeline. */
const recordSupersededReport = (draft: Draft, attempt: Attempt, report: PageReport): void => {
  const { page, earlierPages } = attempt
  if (report.type !== 'hello' && report.type !== 'loaded') return
  if (page?.id === report.page && report.seq <= page.seq) return
  if (earlierPages.includes(report.page) || earlierPages.length >= MAX_EARLIER_PAGES) return
  attempt.earlierPages = [...earlierPages, report.page]
  const message = `The page of superseded attempt ${attempt.number} sent ${report.type}, which does not count`
  addTimelineEntry(draft, 'page.superseded', attempt, message)
}

/** Of more documents than are remembered, only a hello shows that one is new. */
const isFromEarlier = ({ page, earlierPages }: Attempt, report: PageReport): boolean =>
  page?.id !== report.page &&
  (earlierPages.includes(report.page) ||
    (earlierPages.length >= MAX_EARLIER_PAGES && report.type !== 'hello'))

/** The document that the report comes from; undefined if the report is late or a duplicate. */
const trackDocument = (draft: Draft, attempt: Attempt, report: PageReport): Page | undefined => {
  const known = attempt.page
  if (known?.id === report.page) return report.seq > known.seq ? known : undefined
  if (report.type === 'bye') return undefined
  const page: Page = {
    id: report.page,
    seq: 0,
    openedAt: draft.now,
    loaded: false,
    failing: [],
    failingSince: null,
  }
  attempt.page = page
  if (known) {
    attempt.earlierPages = [...attempt.earlierPages, known.id].slice(-MAX_EARLIER_PAGES)
    followFormer(attempt, known)
    addTimelineEntry(
      draft,
      'page.reloaded',
      attempt,
      'A new document reports for the same attempt: the page was reloaded',
      {
        page: page.id,
        before: known.id,
      },
    )
    disarm(attempt, 'healthyBy')
  } else {
    attempt.helloAt = draft.now
    addTimelineEntry(draft, 'page.hello', attempt, 'The page has reached the reporter', { page: page.id })
  }
  // A page that reloads itself before it has loaded gets no extra time, or it could do so forever.
  if (draft.recording.paused) disarm(attempt, 'loadBy')
  else if (isWatched(draft, attempt) && attempt.deadlines.loadBy === undefined) {
    arm(draft, attempt, 'loadBy', draft.recording.policy.reloadGrace)
  }
  return page
}

/** Whether the page's silence and checks have deadlines: only with a sid to query Agora by, and not after giving up. */
const isWatched = (draft: Draft, attempt: Attempt): boolean =>
  attempt.sid !== null && draft.recording.gaveUp === null

const recordContact = (draft: Draft, attempt: Attempt): void => {
  if (attempt.suspicion === 'silent')
    addTimelineEntry(draft, 'page.returned', attempt, 'The page reports again')
  attempt.suspicion = null
  attempt.graceUntil = null
  attempt.lastBeatAt = draft.now
  const { heartbeatTimeout } = draft.recording.policy
  const learnsInterval = attempt.formerInterval !== null
  attempt.formerInterval = null
  if (!isWatched(draft, attempt)) return
  // The deadline was that of the former interval.
  if (learnsInterval) arm(draft, attempt, 'beatBy', heartbeatTimeout)
  else extend(draft, attempt, 'beatBy', heartbeatTimeout)
}

const handleLoaded = (draft: Draft, attempt: Attempt, page: Page): void => {
  page.loaded = true
  attempt.loadedAt ??= draft.now
  draft.recording.neverLoaded = 0
  disarm(attempt, 'loadBy')
  const message = 'The page has loaded: all expectations are met'
  addTimelineEntry(draft, 'page.loaded', attempt, message, { page: page.id })
  if (attempt.confirmedAt !== null) awaitFile(draft, attempt)
}

const handleChecks = (draft: Draft, attempt: Attempt, page: Page, report: PageReport): void => {
  const before = namesOf(page.failing)
  page.failing = report.failing
  const after = namesOf(page.failing)
  if (!page.loaded) {
    handleOverdueChecks(draft, attempt, page)
    return
  }
  if (after === '') {
    if (page.failingSince !== null)
      addTimelineEntry(draft, 'page.recovered', attempt, 'All checks pass again')
    page.failingSince = null
    disarm(attempt, 'healthyBy')
    recoverAfterGivingUp(draft, attempt)
    return
  }
  if (after !== before || page.failingSince === null) {
    addTimelineEntry(
      draft,
      'page.check_failed',
      attempt,
      `The page reports: ${describeChecks(page.failing)}`,
      {
        failing: page.failing,
      },
    )
  }
  if (page.failingSince !== null) return
  page.failingSince = draft.now
  // While nothing is written, it does not matter what the page shows.
  if (isWatched(draft, attempt) && !draft.recording.paused) {
    arm(draft, attempt, 'healthyBy', draft.recording.policy.unhealthyTimeout)
  }
}

const recordWarnings = (draft: Draft, attempt: Attempt, page: Page, warnings: FailedCheck[]): void => {
  const before = namesOf(page.warnings ?? [])
  page.warnings = warnings
  if (warnings.length === 0 || namesOf(warnings) === before) return
  addTimelineEntry(draft, 'page.warned', attempt, `The page warns: ${describeChecks(warnings)}`, { warnings })
}

const recordFirstError = (draft: Draft, attempt: Attempt, page: Page, error: string | undefined): void => {
  if (error === undefined || page.firstError !== undefined) return
  page.firstError = error
  const message = `The page’s first script error: ${error}`
  addTimelineEntry(draft, 'page.error', attempt, message, { page: page.id, error })
}

/** The page itself reports that it will not load: the timeout of one of its expectations has passed. */
const handleOverdueChecks = (draft: Draft, attempt: Attempt, page: Page): void => {
  const overdue = page.failing.filter((check) => check.overdue === true)
  if (overdue.length === 0 || !isWatched(draft, attempt) || draft.recording.paused) return
  const waited = secondsBetween(attempt.startedAt, draft.now)
  const { message, evidence } = summarizePage(draft, attempt)
  const why = reason(
    'page_not_loaded',
    `The page has not loaded after ${waited} s, and the timeout of ${describeChecks(overdue)} has passed. ${message}`,
    { waited, ...evidence },
  )
  failAttempt(draft, attempt, why, { taskStatus: 'running' })
}

/** No restarts were left, but the page became healthy again: it is supervised like any other. */
const recoverAfterGivingUp = (draft: Draft, attempt: Attempt): void => {
  const { recording } = draft
  if (!recording.gaveUp || attempt.noFiles === 'confirmed') return
  recording.gaveUp = null
  recording.reason = null
  recording.neverLoaded = 0
  arm(draft, attempt, 'beatBy', recording.policy.heartbeatTimeout)
  if (attempt.state === 'current') rearmRollOver(draft, attempt)
  addTimelineEntry(
    draft,
    'recording.recovered',
    attempt,
    'The page is healthy again: it is supervised as before',
  )
}
