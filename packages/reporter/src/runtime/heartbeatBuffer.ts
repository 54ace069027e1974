import type { Store } from '../store/store.ts'
import type { AttemptKey, LastHeartbeat, StoredRecording } from '../store/types.ts'
import { currentAttempt, isSupervised } from '../supervisor/attempts.ts'
import { healthDisproves } from '../supervisor/candidate.ts'
import { canReplaceSilent, canStartCanary } from '../supervisor/page/canary.ts'
import { namesOf } from '../supervisor/page/checks.ts'
import type { Page, Recording, Time } from '../supervisor/recording.ts'
import type { PageReport } from '../supervisor/signal.ts'

/**
 * Absorbs steady heartbeats: a report without news moves a deadline in memory, and the last heartbeats are written in
 * batches. A crash loses at most the heartbeats since the last flush, which the grace period after a downtime covers.
 */
export interface HeartbeatBuffer {
  /** @returns false if the report has news, so that it must be decided on */
  absorb(attempt: AttemptKey, report: PageReport, now: Time): boolean
  /** The recording with the heartbeats received since it was stored: those in memory, and the last one that was flushed. */
  refresh(stored: StoredRecording): StoredRecording
  /** To be called with each stored decision, which defines what is no news from now on. */
  track(recording: Recording): void
  /** To be called with a recording that was read but not decided on: its page is expected to report. */
  expect(recording: Recording): void
  /**
   * The reporter has been down so many times. The first report after a downtime is always decided on, because the recording
   * does not know of the downtime yet.
   */
  resumed(downtimeCount: number): void
  /** The pages that have reported and are expected to go on. */
  expectedPages(): Iterable<PageActivity>
  flush(): Promise<void>
}

export interface PageActivity {
  recordingId: string
  /** When the page last reported; −Infinity if the recording does not know of the last downtime, and so not since. */
  at: Time
  /** Between two heartbeats, in milliseconds. */
  interval: number
  /** Whether the recording would start a canary if it were asked to. */
  canStartCanary: boolean
  /** Whether the recording would replace its silent page if it were asked to. */
  canReplaceSilent: boolean
}

interface Entry extends LastHeartbeat, PageActivity {
  /** Names of the failed checks that have been decided on. */
  failing: string
  /** Names of the warnings that have been decided on. */
  warnings: string
  /** The note that has been decided on. */
  note: string | undefined
  /** Whether heartbeats can be absorbed. */
  steady: boolean
  /** The number of downtimes that the recording knows of. */
  downtimeCount: number
  /** Not written yet. */
  dirty: boolean
  /** False if we gave up on the recording, or nothing has been decided on it yet. */
  expected: boolean
}

const NEVER = Number.NEGATIVE_INFINITY

export const createHeartbeatBuffer = (store: Pick<Store, 'saveLastHeartbeats'>): HeartbeatBuffer => {
  const entries = new Map<string, Entry>()
  /** The last flush failed. Nothing is absorbed then, because a report is acknowledged only if it will be stored. */
  let flushFailed = false
  let currentDowntimeCount = 0
  return {
    absorb: ({ recordingId, number }, report, now) => {
      const entry = entries.get(recordingId)
      if (flushFailed || !entry?.steady || entry.attempt !== number || entry.page !== report.page)
        return false
      if (report.type !== 'heartbeat' || entry.downtimeCount < currentDowntimeCount) return false
      if (report.seq <= entry.seq) return true
      if (hasNews(report, entry)) return false
      Object.assign(entry, { seq: report.seq, at: now, dirty: true })
      return true
    },
    refresh: (stored) => ({
      ...stored,
      recording: [stored.lastHeartbeat, entries.get(stored.recording.id)].reduce(
        withHeartbeat,
        stored.recording,
      ),
    }),
    track: (recording) => {
      const entry = entryOf(recording, entries.get(recording.id))
      if (entry) entries.set(recording.id, entry)
      else entries.delete(recording.id)
    },
    expect: (recording) => {
      const before = entries.get(recording.id)
      const entry = before?.expected ? undefined : entryOf(recording, before)
      if (entry) entries.set(recording.id, { ...entry, steady: false })
    },
    resumed: (downtimeCount) => {
      currentDowntimeCount = downtimeCount
    },
    expectedPages: () =>
      [...entries.values()]
        .filter(({ expected }) => expected)
        .map((entry) => (entry.downtimeCount < currentDowntimeCount ? { ...entry, at: NEVER } : entry)),
    flush: async () => {
      const dirty = [...entries.values()].filter((entry) => entry.dirty)
      for (const entry of dirty) entry.dirty = false
      try {
        await store.saveLastHeartbeats(dirty)
        flushFailed = false
      } catch (error) {
        flushFailed = true
        // A decision may have replaced the entry meanwhile.
        for (const { recordingId, attempt, page } of dirty) {
          const entry = entries.get(recordingId)
          if (entry?.attempt === attempt && entry.page === page) entry.dirty = true
        }
        throw error
      }
    },
  }
}

const hasNews = ({ failing, warnings = [], firstError, note }: PageReport, entry: Entry): boolean =>
  firstError !== undefined ||
  (note !== undefined && note !== entry.note) ||
  namesOf(failing) !== entry.failing ||
  namesOf(warnings) !== entry.warnings

const entryOf = (recording: Recording, before: Entry | undefined): Entry | undefined => {
  const attempt = currentAttempt(recording)
  const page = attempt?.page
  if (!attempt || !page || !isSupervised(recording, attempt.number) || attempt.lastBeatAt === null)
    return undefined
  // A heartbeat may have been absorbed while the decision was being stored.
  const isNewer = before?.attempt === attempt.number && before.page === page.id && before.seq > page.seq
  const newest = isNewer
    ? { seq: before.seq, at: before.at, dirty: before.dirty }
    : { seq: page.seq, at: attempt.lastBeatAt, dirty: false }
  return {
    recordingId: recording.id,
    attempt: attempt.number,
    page: page.id,
    failing: namesOf(page.failing),
    warnings: namesOf(page.warnings ?? []),
    note: page.note,
    interval: Math.max(recording.policy.heartbeatInterval, attempt.formerInterval ?? 0) * 1000,
    expected: recording.gaveUp === null,
    canStartCanary: canStartCanary(recording),
    canReplaceSilent: canReplaceSilent(recording),
    downtimeCount: recording.appliedDowntimes.count,
    steady:
      page.loaded &&
      attempt.suspicion === null &&
      // With its next report the page learns the policy's interval.
      attempt.formerInterval === null &&
      recording.gaveUp === null &&
      !mayKeepCurrent(recording, page),
    ...newest,
  }
}

/** The first healthy heartbeat shows that the attempt need not be replaced. */
const mayKeepCurrent = ({ replacing }: Recording, { failing }: Page): boolean =>
  replacing !== null && healthDisproves(replacing) && failing.length === 0

const withHeartbeat = (recording: Recording, heartbeat: LastHeartbeat | undefined): Recording => {
  const attempt = currentAttempt(recording)
  if (!heartbeat || !attempt?.page || attempt.number !== heartbeat.attempt) return recording
  if (attempt.page.id !== heartbeat.page || heartbeat.seq <= attempt.page.seq) return recording
  const { beatBy } = attempt.deadlines
  const deadline = heartbeat.at + recording.policy.heartbeatTimeout * 1000
  const refreshed = {
    ...attempt,
    deadlines:
      beatBy === undefined ? attempt.deadlines : { ...attempt.deadlines, beatBy: Math.max(beatBy, deadline) },
    page: { ...attempt.page, seq: heartbeat.seq },
    lastBeatAt: Math.max(attempt.lastBeatAt ?? 0, heartbeat.at),
  }
  return {
    ...recording,
    attempts: recording.attempts.map((each) => (each === attempt ? refreshed : each)),
  }
}
