import { reason } from './attempt.ts'
import { addTimelineEntry, arm, type Draft, disarm, extend, secondsBetween } from './draft.ts'
import { describeChecks } from './evidence.ts'
import { type Attempt, type FailedCheck, isCurrent, type Page } from './recording.ts'
import { failAttempt } from './restart.ts'
import type { PageReport } from './signal.ts'

/** Earlier documents remembered per attempt, to tell their late reports from a new page's. */
const MAX_EARLIER_PAGES = 8

/** What the page says of itself. Late, repeated and superseded reports change nothing. */
export const handlePageReport = (draft: Draft, attempt: Attempt, report: PageReport): void => {
  if (!isCurrent(draft.recording, attempt.number)) {
    recordSupersededReport(draft, attempt, report)
    return
  }
  const page = trackDocument(draft, attempt, report)
  if (!page) return
  page.seq = report.seq
  if (report.type === 'bye') {
    addTimelineEntry(draft, 'page.bye', attempt, 'The page is being left')
    return
  }
  recordContact(draft, attempt)
  if (report.type === 'loaded' && !page.loaded) handleLoaded(draft, attempt, page)
  recordWarnings(draft, attempt, page, report.warnings ?? [])
  handleChecks(draft, attempt, page, report)
}

/** Told once for each report, and of a few documents only: whoever knows the page's URL could go on for ever. */
const recordSupersededReport = (draft: Draft, attempt: Attempt, report: PageReport): void => {
  const { page, earlierPages } = attempt
  if (report.type !== 'hello' && report.type !== 'loaded') return
  if (page?.id === report.page) {
    if (report.seq <= page.seq) return
    page.seq = report.seq
  } else {
    if (earlierPages.includes(report.page) || earlierPages.length >= MAX_EARLIER_PAGES) return
    attempt.earlierPages = [...earlierPages, report.page]
  }
  const words = `The page of attempt ${attempt.number} says ${report.type}, and does not count`
  addTimelineEntry(draft, 'page.superseded', attempt, words)
}

/** The document that the report comes from; undefined when the report is late or repeated. */
const trackDocument = (draft: Draft, attempt: Attempt, report: PageReport): Page | undefined => {
  const known = attempt.page
  if (known?.id === report.page) return report.seq > known.seq ? known : undefined
  if (report.type === 'bye' || attempt.earlierPages.includes(report.page)) return undefined
  const page: Page = { id: report.page, seq: 0, loaded: false, failing: [], failingSince: null }
  attempt.page = page
  if (known) {
    attempt.earlierPages = [...attempt.earlierPages, known.id].slice(-MAX_EARLIER_PAGES)
    addTimelineEntry(draft, 'page.reloaded', attempt, 'The page was opened again in the same recording', {
      page: page.id,
      before: known.id,
    })
    disarm(draft, 'healthyBy')
  } else {
    attempt.helloAt = draft.now
    addTimelineEntry(draft, 'page.hello', attempt, 'The page has reached the reporter', { page: page.id })
  }
  // A page that reloads itself before it has loaded gets no more time by that, or it could go on for ever.
  if (draft.recording.paused) disarm(draft, 'loadBy')
  else if (isWatched(draft, attempt) && draft.recording.deadlines.loadBy === undefined) {
    arm(draft, 'loadBy', draft.recording.policy.reloadGrace)
  }
  return page
}

/** Its silence and its checks have deadlines: not before there is a sid to ask Agora by, and not after giving up. */
const isWatched = (draft: Draft, attempt: Attempt): boolean =>
  attempt.sid !== null && draft.recording.gaveUp === null

const recordContact = (draft: Draft, attempt: Attempt): void => {
  if (attempt.suspicion === 'silent')
    addTimelineEntry(draft, 'page.returned', attempt, 'The page is heard again')
  attempt.suspicion = null
  attempt.lastBeatAt = draft.now
  if (isWatched(draft, attempt)) extend(draft, 'beatBy', draft.recording.policy.heartbeatTimeout)
}

const handleLoaded = (draft: Draft, attempt: Attempt, page: Page): void => {
  page.loaded = true
  attempt.loadedAt ??= draft.now
  draft.recording.neverLoaded = 0
  disarm(draft, 'loadBy')
  addTimelineEntry(draft, 'page.loaded', attempt, 'The page has loaded: all that it expects is there', {
    page: page.id,
  })
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
      addTimelineEntry(draft, 'page.recovered', attempt, 'All checks are met again')
    page.failingSince = null
    disarm(draft, 'healthyBy')
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
  // While nothing is written it does not matter what the page shows.
  if (isWatched(draft, attempt) && !draft.recording.paused) {
    arm(draft, 'healthyBy', draft.recording.policy.unhealthyTimeout)
  }
}

const recordWarnings = (draft: Draft, attempt: Attempt, page: Page, warnings: FailedCheck[]): void => {
  const before = namesOf(page.warnings ?? [])
  page.warnings = warnings
  if (warnings.length === 0 || namesOf(warnings) === before) return
  addTimelineEntry(draft, 'page.warned', attempt, `The page warns: ${describeChecks(warnings)}`, { warnings })
}

/** The page says itself that it will not load: what it expects had its time. */
const handleOverdueChecks = (draft: Draft, attempt: Attempt, page: Page): void => {
  const overdue = page.failing.filter((check) => check.overdue === true)
  if (overdue.length === 0 || !isWatched(draft, attempt) || draft.recording.paused) return
  const waited = secondsBetween(attempt.startedAt, draft.now)
  const why = reason(
    'page_not_loaded',
    `The page has not loaded after ${waited} s, and gives up waiting for: ${describeChecks(overdue)}`,
    { waited, failing: page.failing },
  )
  failAttempt(draft, attempt, why, { where: 'running' })
}

/** Restarts were used up, and the page is well after all: it is watched again like any other. */
const recoverAfterGivingUp = (draft: Draft, attempt: Attempt): void => {
  const { recording } = draft
  if (!recording.gaveUp) return
  recording.gaveUp = null
  recording.reason = null
  arm(draft, 'beatBy', recording.policy.heartbeatTimeout)
  addTimelineEntry(draft, 'recording.recovered', attempt, 'The page is well after all: it is watched again')
}

/** Told apart by names alone: details hold numbers that change from report to report. */
export const namesOf = (checks: readonly FailedCheck[]): string =>
  checks
    .map(({ name }) => name)
    .sort()
    .join('\n')
