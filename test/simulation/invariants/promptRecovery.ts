import { mainIdOf, standbyIdOf } from '../../../packages/reporter/src/standbyId.ts'
import { currentAttempt } from '../../../packages/reporter/src/supervisor/attempts.ts'
import { QUOTA_PER_SECOND } from '../environment/agora.ts'
import type { Page } from '../environment/page.ts'
import type { Commit } from '../reporter/process.ts'
import {
  currentNumber,
  type Invariant,
  type InvariantContext,
  isFaultFreeSince,
  storedRecording,
} from './context.ts'
import { endsOnNotification, endsWithoutHa } from './promptEnds.ts'

/** What recovery may take beside the policy's delays and timeouts, in milliseconds. */
const SLACK_MS = 1000
/** A query without faults: the sweep that notices the deadline, the request, and the answer. */
const QUERY_MS = 700
/** The twin may be acquiring, and takes this long to learn that it cannot: it is not acquired for both at a time. */
const TWIN_ACQUIRE_MS = 15_000
/** With as many requests as the quota per second within this window, starts may have to queue. */
const QUEUE_MS = 10_000
/** A recording with more attempts than this within that window has several starts on their way. */
const MAX_RECENT_ATTEMPTS = 3
/** Beside this many other silent pages, a silence may look like an ingress outage. */
const MAX_SILENCES = 2
/** An ingress outage may delay decisions about silent pages by this time, in milliseconds. */
const OUTAGE_MS = 400_000
/** An earlier fault may have postponed deadlines, but not by more than this, in milliseconds. */
const AFTERMATH_MS = 180_000

/**
 * Without another fault, hard evidence ends an attempt immediately, silence starts its replacement after
 * `heartbeatTimeout` and one query, and the next start is sent after the policy's delay.
 */
export const promptRecovery: Invariant = (context) => ({
  ...startsInTime(context),
  ...endsOnNotification(context),
  ...endsWithoutHa(context),
  ...endsOnSilence(context),
  ...endsOnUnsettledStatus(context),
})

const startsInTime = (context: InvariantContext): ReturnType<Invariant> => {
  const { world, breach } = context
  const acquiredAt = new Map<string, number>()
  let sends: number[] = []
  return {
    onSend: (call, { recordingId = '' }) => {
      const now = world.time.now()
      sends = [...sends.filter((at) => now - at < QUEUE_MS), now]
      if (call === 'acquire') acquiredAt.set(recordingId, now)
    },
    onCommit: (commit) => {
      const due = startDue(commit)
      if (due === undefined) return
      const { at, after } = commit
      const limitMs = due - at + SLACK_MS
      world.time.after(limitMs, () => {
        const latest = storedRecording(context, after.id)
        const isReplaced = latest !== after && !wantsSameStart(latest, after)
        const hasTwin = world.memory.tables.recordings.has(twinOf(after.id))
        const isUndisturbed = isFaultFreeSince(context, hasTwin ? at - TWIN_ACQUIRE_MS : at)
        if (isReplaced || !isUndisturbed || sends.length >= QUOTA_PER_SECOND) return
        const recent = after.attempts.filter(({ createdAt }) => createdAt > at - QUEUE_MS)
        if (recent.length > MAX_RECENT_ATTEMPTS) return
        if ((acquiredAt.get(after.id) ?? 0) < at)
          breach(`${after.id}: no start within ${limitMs} ms of a failure`)
      })
    },
  }
}

const twinOf = (id: string): string => mainIdOf(id) ?? standbyIdOf(id)

const endsOnSilence = (context: InvariantContext): ReturnType<Invariant> => {
  const { time } = context.world
  const silences: number[] = []
  const check = (page: Page): void => {
    const { recordingId, attempt, sid } = page.task
    const { lastStored } = page
    const recording = storedRecording(context, recordingId)
    if (!recording || recording.gaveUp || currentNumber(recording) !== attempt) return
    if (!lastStored?.loaded || !lastStored.checksPass) return
    const limit = lastStored.at + recording.policy.heartbeatTimeout * 1000 + QUERY_MS + SLACK_MS
    time.after(limit - time.now(), () => {
      if (silences.filter((at) => time.now() - at < OUTAGE_MS).length > MAX_SILENCES) return
      const latest = storedRecording(context, recordingId)
      if (page.lastStored !== lastStored || latest?.desired === 'stopped') return
      if (!isFaultFreeSince(context, lastStored.at - AFTERMATH_MS)) return
      if (currentNumber(latest) === attempt && !latest?.gaveUp && !latest?.replacing) {
        context.breach(`${recordingId}: the page of ${sid} is silent, and its attempt is not replaced`)
      }
    })
  }
  return {
    onPageSilent: (page) => {
      silences.push(time.now())
      check(page)
    },
  }
}

/** Agora's statuses of a task that neither records nor has ended. */
const UNSETTLED: ReadonlySet<number> = new Set([0, 1, 2, 3, 6])

/** One of the statuses after `confirmTimeout` is judged; the decision on the second one has been stored with the third. */
const MAX_LATE_STATUSES = 3

/** A silent page whose task has an unsettled status for `confirmTimeout` is replaced, whatever else is the matter. */
const endsOnUnsettledStatus = (context: InvariantContext): ReturnType<Invariant> => {
  const { world, breach } = context
  /** By sid: since when every status was unsettled, and how many came after `confirmTimeout`. */
  const unsettled = new Map<string, { since: number; late: number }>()
  /** The reporter takes a step of its clock for a downtime. */
  let steppedAt = Number.NEGATIVE_INFINITY
  return {
    onFault: ({ kind }) => {
      if (kind === 'clockStep') steppedAt = world.time.now()
    },
    onAnswer: (call, { sid = '' }, { status, state }) => {
      if (call !== 'query' || (status !== 200 && status !== 404)) return
      if (state === undefined || !UNSETTLED.has(state)) {
        unsettled.delete(sid)
        return
      }
      const now = world.time.now()
      const before = unsettled.get(sid)
      // The statuses from before a downtime do not count, and any time without a process may be one.
      const isNew = before === undefined || before.since < Math.max(context.lastReturnAt, steppedAt)
      const known = isNew ? { since: now, late: 0 } : before
      unsettled.set(sid, known)
      const task = world.agora.tasks.find((each) => each.sid === sid)
      const recording = task && storedRecording(context, task.recordingId)
      const attempt = recording && currentAttempt(recording)
      if (!recording || !attempt || attempt.sid !== sid || attempt.confirmedAt === null) return
      const { confirmTimeout, heartbeatTimeout } = recording.policy
      const wallNow = world.time.wallNow()
      const listeningFor = Math.min(now - known.since, wallNow - attempt.confirmedAt)
      const silentFor = wallNow - (attempt.lastBeatAt ?? 0)
      const isLate = listeningFor >= confirmTimeout * 1000 && silentFor >= heartbeatTimeout * 1000
      known.late = isLate ? known.late + 1 : 0
      const isJudged = recording.replacing !== null || recording.gaveUp !== null
      if (known.late < MAX_LATE_STATUSES || isJudged || recording.desired === 'stopped') return
      breach(
        `${recording.id}: ${sid} has an unsettled status since ${now - known.since} ms, and is not replaced`,
      )
    },
  }
}

/** When the start of the next attempt is due; undefined if there is none, or if it has a reason to wait. */
const startDue = ({ at, before, after, signal, timeline }: Commit): number | undefined => {
  if (after.desired === 'stopped' || after.gaveUp || after.awaitsStart) return undefined
  if (signal.type === 'restart' || signal.type === 'created') return at
  const planned = timeline.find(({ code }) => code === 'retry.scheduled')
  // `restartLimits` judges whether the delay is the policy's.
  if (planned) return at + Number(planned.evidence.delay) * 1000
  return after.attemptCount > before.attemptCount ? at : undefined
}

/** No command and no further attempt has replaced the start that was due. */
const wantsSameStart = (now: Commit['after'] | undefined, then: Commit['after']): boolean =>
  now?.desired === then.desired &&
  now.freshFrom === then.freshFrom &&
  (then.replacing === null || now.replacing !== null) &&
  now.attemptCount === then.attemptCount
