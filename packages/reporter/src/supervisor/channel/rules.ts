import { isSupervised, supervisedAttempts } from '../attempts.ts'
import { clearAttention, raiseAttention } from '../attention.ts'
import { keepCurrent } from '../candidate.ts'
import { type Draft, disarm, extend, formatUtc } from '../draft.ts'
import type { KindAttemptSignal, KindRules, KindSignal } from '../kind.ts'
import { isDoubtful } from '../query.ts'
import { failAsLost } from '../queryAnswer.ts'
import {
  type Attempt,
  type Reason,
  type Recording,
  type RecordingState,
  reason,
  type Time,
} from '../recording.ts'
import { handleChangeAnswer, handleChanged, hasAllChanges, watchRefusedChanges } from './changes.ts'
import { CHANNEL_EVENTS } from './events.ts'
import { awaitHa, checkHa, HA_TIMEOUT, keepIfHa } from './highAvailability.ts'
import { clearFrequentIdleExits } from './idleExits.ts'
import { endWait, handleJoined, resumeWaiting } from './joining.ts'
import { recoverChannel } from './recovery.ts'
import { checkSessionEnd, describeEnd, EXIT_WAIT, handleSessionEnd, mustBeCertain } from './sessionEnd.ts'
import { isReceiving, watchStreams } from './streams.ts'

const handleSignal = (draft: Draft, signal: KindSignal): void => {
  switch (signal.type) {
    case 'resume':
      resumeWaiting(draft)
      return
    case 'changed':
      handleChanged(draft, signal.changes)
      return
    case 'joined':
      handleJoined(draft, signal.uid)
      return
    // Only a page has a use for these.
    case 'pause':
    case 'canary':
    case 'replaceSilent':
  }
}

const handleAttemptSignal = (draft: Draft, attempt: Attempt, signal: KindAttemptSignal): void => {
  if (signal.type === 'updateAnswered') handleChangeAnswer(draft, attempt, signal)
}

/** `requireHa` applies from the next attempt on. */
const handlePolicy = (draft: Draft): void => {
  const { requireHa, onIdleExit } = draft.recording.policy
  if (!requireHa) for (const attempt of supervisedAttempts(draft.recording)) disarm(attempt, 'haBy')
  if (onIdleExit === 'restart') endWait(draft)
}

/** Seconds that Agora's best practices recommend for `maxIdleTime`. */
const RECOMMENDED_IDLE_TIME = 300

const adviseIdleTime = (draft: Draft): void => {
  const { maxIdleTime } = draft.recording
  if (maxIdleTime === null || maxIdleTime >= RECOMMENDED_IDLE_TIME) return
  const message = `Agora ends a task after ${maxIdleTime} s without users in the channel (recordingConfig.maxIdleTime), and what they do until the next one runs is not recorded. Agora recommends ${RECOMMENDED_IDLE_TIME} s`
  raiseAttention(draft, 'short_idle_time', message)
}

/** Seconds after the start by which a playlist should be listed (Agora's best practices): composite, individual, once more. */
const FILE_QUERY_TIMES = [15, 60, 120]

/** Agora records: that is all the proof there is, and no page that knows better. */
const handleRecording = (draft: Draft, attempt: Attempt): void => {
  const { recording, now } = draft
  // Later answers about it say nothing of the attempts that are started beside it.
  if (attempt.loadedAt === null) recording.neverLoaded = 0
  attempt.loadedAt ??= now
  queryForFiles(draft, attempt)
  if (attempt.state !== 'current') return
  if (recording.replacing?.code === 'lost_at_agora') keepCurrent(draft, attempt)
  keepIfHa(draft, attempt)
  if (recording.gaveUp) recoverChannel(draft, attempt)
}

/** Until Agora lists a file, it is queried when it should. */
const queryForFiles = ({ now }: Draft, attempt: Attempt): void => {
  const { startedAt, files, deadlines } = attempt
  if (startedAt === null || files.length > 0) return
  const next = FILE_QUERY_TIMES.map((seconds) => startedAt + seconds * 1000).find((at) => at > now)
  if (next !== undefined) deadlines.queryAt = Math.min(deadlines.queryAt ?? next, next)
}

/** When the evidence against the attempt began, it had last been known to record. */
const lastWellAt = ({ now }: Draft, { query, recordsAt }: Attempt): Time | null =>
  isDoubtful(query) ? recordsAt : now

const stateOf = (_: Recording, { confirmedAt, query }: Attempt): RecordingState => {
  if (confirmedAt === null) return 'starting'
  return isDoubtful(query) ? 'unhealthy' : 'rolling'
}

const rollOverReason = ({ maxRecordingHour }: Recording, { number, tokenExpiresAt }: Attempt): Reason => {
  const cause =
    tokenExpiresAt === null
      ? `after ${maxRecordingHour} h (resourceExpiredHour)`
      : `once its token or its resource has expired (the token at ${formatUtc(tokenExpiresAt)})`
  const message = `Agora can neither be asked about attempt ${number} nor stop it ${cause}`
  return reason('resource_expired_hour', message, { maxRecordingHour, tokenExpiresAt })
}

/** The evidence for a channel is what Agora answers and reports: there is no page. */
export const CHANNEL_RULES: KindRules = {
  words: {
    proof: 'Agora has confirmed that it records',
    proven: 'records',
    neverProven: 'were never confirmed',
    orphanEnd: (latest) =>
      `Agora ends it when the channel has no users; from ${latest} on it could not be stopped with its sid either`,
  },
  endsAtHourLimit: false,
  sessionEnds: new Set([11, 31, 32, 41]),
  events: CHANNEL_EVENTS,
  handleSignal,
  handleAttemptSignal,
  handlePolicy,
  handleCreated: adviseIdleTime,
  supervise: awaitHa,
  checkDeadlines: (draft, attempt) => {
    checkHa(draft, attempt)
    if (isSupervised(draft.recording, attempt.number)) checkSessionEnd(draft, attempt)
  },
  checkRecordingDeadlines: () => {},
  startAnew: (draft, attempt) => {
    if (attempt.deadlines.haBy !== undefined) extend(draft, attempt, 'haBy', HA_TIMEOUT)
    if (attempt.deadlines.exitBy !== undefined) extend(draft, attempt, 'exitBy', EXIT_WAIT)
  },
  handleFailover: (_, attempt) => {
    attempt.leaveCode = null
    attempt.sessionEnd = null
    attempt.streams = {}
    disarm(attempt, 'exitBy')
  },
  isProven: ({ policy }, { confirmedAt, haAt }) =>
    confirmedAt !== null && (!policy.requireHa || haAt !== null),
  handleTakeOver: () => {},
  showsLife: () => false,
  // Until a failover no longer explains that Agora does not find it.
  mayShowLife: (draft, { sessionEnd }) => sessionEnd !== null && mustBeCertain(draft),
  lastWellAt,
  handleAnswer: () => {},
  handleRecording,
  handleExit: (draft, attempt, status) => {
    handleSessionEnd(draft, attempt, { source: `status ${status}`, evidence: { status } })
  },
  handleLost: (draft, attempt, message, evidence) => {
    if (attempt.sessionEnd) handleSessionEnd(draft, attempt, describeEnd(attempt.sessionEnd.eventType))
    else failAsLost(draft, attempt, message, evidence)
  },
  isWriting: isReceiving,
  isOnHold: () => false,
  isInSync: hasAllChanges,
  stateOf,
  problemOf: () =>
    reason('lost_at_agora', 'Agora does not confirm at present that it records: it is queried again'),
  rollOverReason,
  close: (draft) => {
    watchStreams(draft)
    clearFrequentIdleExits(draft)
    watchRefusedChanges(draft)
    if (draft.recording.desired === 'stopped') clearAttention(draft, 'short_idle_time')
  },
}
