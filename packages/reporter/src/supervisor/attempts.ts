import { type Attempt, NO_REVISIONS, type Recording, type Time, UID_BLOCK } from './recording.ts'

/** The attempt with this number; undefined if the recording does not hold it. */
export const findAttempt = (
  recording: Pick<Recording, 'attempts'> | undefined,
  number: number,
): Attempt | undefined => recording?.attempts.find((attempt) => attempt.number === number)

/** The number of the attempt with this uid, whether or not the recording holds it; undefined if no attempt has it. */
export const numberOfUid = (
  { uidBase, attemptCount }: Pick<Recording, 'uidBase' | 'attemptCount'>,
  uid: string,
): number | undefined => {
  const number = Number(uid) - uidBase
  return Number.isInteger(number) && number >= 1 && number <= attemptCount ? number : undefined
}

/** The recording with these attempts as well. Those that it holds already stay as they are. */
export const withAttempts = (recording: Recording, added: readonly Attempt[]): Recording => {
  const missing = added.filter(({ number }) => !findAttempt(recording, number))
  if (missing.length === 0) return recording
  const attempts = [...missing, ...recording.attempts].sort((one, other) => one.number - other.number)
  return { ...recording, attempts }
}

/** The attempt that counts as the recording: at most one. */
export const currentAttempt = ({ attempts }: Recording): Attempt | undefined =>
  attempts.findLast(({ state }) => state === 'starting' || state === 'current')

/** The attempt that is to take over from the current one: at most one, and none without a current attempt. */
export const candidateAttempt = ({ attempts }: Recording): Attempt | undefined =>
  attempts.findLast(({ state }) => state === 'candidate')

/** The current attempt and the candidate: the attempts with deadlines, and whose reports count. */
export const supervisedAttempts = (recording: Recording): Attempt[] =>
  [currentAttempt(recording), candidateAttempt(recording)].filter((attempt) => attempt !== undefined)

/** Whether this attempt's reports count. They do not once it is superseded or the recording is stopped. */
export const isSupervised = (recording: Recording, attemptNumber: number): boolean =>
  recording.desired === 'running' &&
  supervisedAttempts(recording).some(({ number }) => number === attemptNumber)

/** Whether another attempt would have a uid of this recording's, and not of the next one with the same cname. */
export const hasUidsLeft = ({ attemptCount }: Pick<Recording, 'attemptCount'>): boolean =>
  attemptCount < UID_BLOCK

/** Adds an attempt in its first moment. Its uid was never used before: a reused one would push the former task out. */
export const addAttempt = (recording: Recording, now: Time): Attempt => {
  recording.attemptCount += 1
  recording.postponed = 0
  const number = recording.attemptCount
  const attempt: Attempt = {
    number,
    uid: String(recording.uidBase + number),
    // No secret, because the token is signed. Two lives of an id never share a moment.
    nonce: now.toString(36),
    state: 'starting',
    candidateFor: null,
    postponed: false,
    deadlines: {},
    resourceId: null,
    otherResourceIds: [],
    acquiredAt: null,
    sid: null,
    earlierSids: [],
    otherSids: [],
    createdAt: now,
    startedAt: null,
    confirmedAt: null,
    helloAt: null,
    loadedAt: null,
    lastBeatAt: null,
    formerInterval: null,
    recordsAt: null,
    endedAt: null,
    endReason: null,
    countedNeverLoaded: false,
    wellUntil: null,
    mayRunUntil: null,
    page: null,
    tokenRefusedAt: null,
    earlierPages: [],
    followedPages: [],
    suspicion: null,
    graceUntil: null,
    query: {
      asking: null,
      asked: 0,
      notFound: 0,
      notFoundSince: null,
      exitedSince: null,
      unsettledSince: null,
      unknown: 0,
    },
    stop: null,
    onhold: false,
    update: null,
    applied: NO_REVISIONS,
    refused: NO_REVISIONS,
    tokenExpiresAt: null,
    leaveCode: null,
    sessionEnd: null,
    haAt: null,
    streams: {},
    files: [],
    firstFileAt: null,
    noFiles: null,
    uploads: {},
    uploadingStatus: null,
    newUid: null,
    failoverAt: null,
    lastSequence: null,
    repeats: {},
  }
  recording.attempts.push(attempt)
  return attempt
}
