import { currentAttempt, isSupervised } from '../attempts.ts'
import { addTimelineEntry, arm, type Draft, hasPassedForRecording } from '../draft.ts'
import type { KindAttemptSignal, KindRules, KindSignal } from '../kind.ts'
import { failAsLost } from '../queryAnswer.ts'
import {
  type Attempt,
  type Reason,
  type Recording,
  type RecordingState,
  reason,
  type Time,
} from '../recording.ts'
import { replaceSilent, startCanary } from './canary.ts'
import { describeChecks } from './checks.ts'
import { adaptPageDeadlines, checkPageDeadlines } from './deadlines.ts'
import { clearTwoDocuments, extendQuiet, forgetQuiet } from './documents.ts'
import { PAGE_EVENTS } from './events.ts'
import { handleUpdateAnswer, pause, reconcilePause, resume } from './pause.ts'
import { notePauses } from './pauses.ts'
import { handlePageReport } from './report.ts'
import {
  clearReportsNotReceived,
  clearSuspicion,
  grantGrace,
  isReporting,
  mayStillReport,
} from './silence.ts'
import { judgeSuspicion } from './suspicion.ts'

const handleSignal = (draft: Draft, signal: KindSignal): void => {
  switch (signal.type) {
    case 'pause':
      pause(draft)
      return
    case 'resume':
      resume(draft)
      return
    case 'canary':
      startCanary(draft)
      return
    case 'replaceSilent':
      replaceSilent(draft)
      return
    // Only a channel has a use for these.
    case 'changed':
    case 'joined':
  }
}

const handleAttemptSignal = (draft: Draft, attempt: Attempt, signal: KindAttemptSignal): void => {
  switch (signal.type) {
    case 'report':
      handlePageReport(draft, attempt, signal.report)
      return
    case 'tokenRefused':
      handleTokenRefusal(draft, attempt)
      return
    case 'updateAnswered':
      handleUpdateAnswer(draft, attempt, signal)
  }
}

/** Only the attempt's number is believed, and one entry per attempt is written: anyone may have sent the report. */
const handleTokenRefusal = (draft: Draft, attempt: Attempt): void => {
  if (attempt.tokenRefusedAt !== null || !isSupervised(draft.recording, attempt.number)) return
  attempt.tokenRefusedAt = draft.now
  const message = `A report that names attempt ${attempt.number} was refused: no secret in STILLROLLING_SECRET has signed its token. If it is the page's, the secret that signed it was removed too soon, and the page seems silent`
  addTimelineEntry(draft, 'page.token_refused', attempt, message)
}

/** The page's first report may arrive before the sid. */
const supervise = (draft: Draft, attempt: Attempt): void => {
  const { page } = attempt
  const { policy, paused } = draft.recording
  if (!page || !(page.loaded || paused)) arm(draft, attempt, 'loadBy', policy.loadTimeout)
  if (page) arm(draft, attempt, 'beatBy', policy.heartbeatTimeout)
  if (page && page.failingSince !== null && !paused) {
    arm(draft, attempt, 'healthyBy', policy.unhealthyTimeout)
  }
}

const startAnew = (draft: Draft, attempt: Attempt): void => {
  const { policy } = draft.recording
  grantGrace(draft, attempt, {
    loadBy: policy.loadTimeout,
    beatBy: policy.heartbeatTimeout,
    healthyBy: policy.unhealthyTimeout,
  })
  clearSuspicion(draft, attempt)
  extendQuiet(draft)
}

/** Beside a current attempt that did not report either, the candidate was excused from loading. Now it must load. */
const handleTakeOver = (draft: Draft, attempt: Attempt): void => {
  const { page, sid, deadlines, suspicion } = attempt
  const { policy, paused } = draft.recording
  const mustLoad = !page || !(page.loaded || paused)
  if (sid !== null && suspicion === null && deadlines.loadBy === undefined && mustLoad) {
    arm(draft, attempt, 'loadBy', policy.loadTimeout)
  }
}

const lastWellAt = (draft: Draft, attempt: Attempt): Time | null => {
  const { page, lastBeatAt } = attempt
  if (page && page.failingSince !== null) return page.failingSince
  return isReporting(draft, attempt) ? draft.now : lastBeatAt
}

const stateOf = ({ paused }: Recording, { page, suspicion, onhold }: Attempt): RecordingState => {
  if (!page?.loaded) return 'loading'
  if (suspicion !== null) return 'unhealthy'
  if (paused && onhold) return 'paused'
  return page.failing.length > 0 ? 'unhealthy' : 'rolling'
}

/** What is wrong with a page that still has time to recover. */
const pageProblem = (recording: Recording): Reason => {
  const failing = currentAttempt(recording)?.page?.failing ?? []
  return failing.length > 0
    ? reason('page_unhealthy', `The page reports: ${describeChecks(failing)}`, { failing })
    : reason('page_silent', 'The page is silent; there is no other evidence against it yet')
}

const rollOverReason = ({ maxRecordingHour }: Recording, { number }: Attempt): Reason =>
  reason(
    'max_recording_hour',
    `Agora ends attempt ${number} after ${maxRecordingHour} h (maxRecordingHour)`,
    { maxRecordingHour },
  )

/** The evidence for a page is what it reports: that it has loaded, that its checks pass, that it is still there. */
export const PAGE_RULES: KindRules = {
  words: {
    proof: 'its page has loaded',
    proven: 'has loaded',
    neverProven: 'never loaded',
    orphanEnd: (latest) => `Agora ends it at ${latest} at the latest`,
  },
  endsAtHourLimit: true,
  sessionEnds: new Set([11, 71, 72]),
  events: PAGE_EVENTS,
  handleSignal,
  handleAttemptSignal,
  handlePolicy: adaptPageDeadlines,
  handleCreated: () => {},
  supervise,
  checkDeadlines: checkPageDeadlines,
  checkRecordingDeadlines: (draft) => {
    if (hasPassedForRecording(draft, 'quietAt')) forgetQuiet(draft)
  },
  startAnew,
  handleFailover: (draft, attempt) => {
    const { failoverWindow } = draft.recording.policy
    grantGrace(draft, attempt, { loadBy: failoverWindow, beatBy: failoverWindow, healthyBy: failoverWindow })
  },
  isProven: (_, { page }) => page?.loaded === true,
  handleTakeOver,
  showsLife: isReporting,
  mayShowLife: mayStillReport,
  lastWellAt,
  handleAnswer: (draft, attempt, { onhold }) => reconcilePause(draft, attempt, onhold),
  handleRecording: judgeSuspicion,
  handleExit: (draft, attempt, status) =>
    failAsLost(draft, attempt, `Agora says that the recorder has ended (status ${status})`, { status }),
  // With status 4 the page may not have signalled that it is ready: Agora does not write before.
  isWriting: ({ page }, status) => status === 5 || page?.loaded === true,
  handleLost: failAsLost,
  isOnHold: ({ paused }, { onhold, update }) => paused || onhold || update !== null,
  isInSync: ({ paused }, { onhold }) => onhold === paused,
  stateOf,
  problemOf: pageProblem,
  rollOverReason,
  close: (draft) => {
    clearTwoDocuments(draft)
    clearReportsNotReceived(draft)
    notePauses(draft)
  },
}
