import type { Store } from '../store/store.ts'
import type { LastHeartbeat } from '../store/types.ts'
import { namesOf } from '../supervisor/checks.ts'
import { isCurrent, liveAttempt, type Recording, type Time } from '../supervisor/recording.ts'

import type { PageReport } from '../supervisor/signal.ts'

/**
 * The short cut for steady heartbeats: a page that says nothing new moves a deadline in memory, and the last
 * beats are flushed in batches. A crash loses at most the beats since the last flush, which the time that
 * everybody is given after an absence covers.
 */
export interface HeartbeatBuffer {
  /** True when the report says nothing new and was taken in; false: it must go the long way. */
  absorb(recordingId: string, attempt: number, report: PageReport, now: Time): boolean
  /** The recording with what was heard since it was stored. */
  refresh(recording: Recording): Recording
  /** What was decided last: from now on this is steady. */
  track(recording: Recording): void
  /** Every page that has spoken and may speak on, whether it does or not. */
  expectedPages(): Iterable<PageActivity>
  flush(): Promise<void>
  /** Reads what an earlier process flushed. */
  restore(): Promise<void>
}

/** When a page was heard last, and in what interval it speaks. */
export interface PageActivity {
  at: Time
  /** In milliseconds. */
  interval: number
}

interface Entry extends LastHeartbeat, PageActivity {
  /** Names of the failed checks that are known already. */
  failing: string
  /** Names of the warnings that are known already. */
  warned: string
  /** false: only remembered, reports take the long way. */
  steady: boolean
  dirty: boolean
  /** false: it was given up on, or nothing was decided on it yet; whether it speaks says nothing. */
  counts: boolean
}

export const createHeartbeatBuffer = (
  store: Pick<Store, 'saveLastHeartbeats' | 'readLastHeartbeats'>,
): HeartbeatBuffer => {
  const entries = new Map<string, Entry>()
  /** The last flush failed. Then nothing is taken in: a report is answered well only if it will be kept. */
  let broken = false
  return {
    absorb: (recordingId, attempt, report, now) => {
      if (broken) return false
      const entry = entries.get(recordingId)
      const known = entry?.steady && entry.attempt === attempt && entry.page === report.page
      if (!entry || !known || report.type !== 'heartbeat') return false
      if (report.seq <= entry.seq) return true
      if (namesOf(report.failing) !== entry.failing) return false
      if (namesOf(report.warnings ?? []) !== entry.warned) return false
      entry.seq = report.seq
      entry.at = now
      entry.dirty = true
      return true
    },
    refresh: (recording) => {
      const entry = entries.get(recording.id)
      return entry ? withBeat(recording, entry) : recording
    },
    track: (recording) => {
      const attempt = liveAttempt(recording)
      const page = attempt?.page
      if (!attempt || !page || !isCurrent(recording, attempt.number) || attempt.lastBeatAt === null) {
        entries.delete(recording.id)
        return
      }
      const before = entries.get(recording.id)
      // Taken in while the decision was being stored.
      const newer =
        before?.attempt === attempt.number && before.page === page.id && before.seq > page.seq
          ? { seq: before.seq, at: before.at, dirty: before.dirty }
          : { seq: page.seq, at: attempt.lastBeatAt, dirty: false }
      entries.set(recording.id, {
        recordingId: recording.id,
        attempt: attempt.number,
        page: page.id,
        failing: namesOf(page.failing),
        warned: namesOf(page.warnings ?? []),
        interval: recording.policy.heartbeatInterval * 1000,
        counts: recording.gaveUp === null,
        steady: page.loaded && attempt.suspicion === null && recording.gaveUp === null,
        ...newer,
      })
    },
    expectedPages: () => [...entries.values()].filter(({ counts }) => counts),
    flush: async () => {
      const dirty = [...entries.values()].filter((entry) => entry.dirty)
      for (const entry of dirty) entry.dirty = false
      try {
        await store.saveLastHeartbeats(dirty)
        broken = false
      } catch (error) {
        broken = true
        for (const entry of dirty) entry.dirty = true
        throw error
      }
    },
    restore: async () => {
      for (const beat of await store.readLastHeartbeats()) {
        entries.set(beat.recordingId, {
          ...beat,
          failing: '',
          warned: '',
          steady: false,
          dirty: false,
          counts: false,
          interval: 0,
        })
      }
    },
  }
}

const withBeat = (recording: Recording, beat: LastHeartbeat): Recording => {
  const attempt = liveAttempt(recording)
  const heard =
    attempt?.page?.id === beat.page && attempt.number === beat.attempt && beat.seq > attempt.page.seq
  if (!attempt?.page || !heard) return recording
  const { beatBy } = recording.deadlines
  const by = beat.at + recording.policy.heartbeatTimeout * 1000
  const refreshed = {
    ...attempt,
    page: { ...attempt.page, seq: beat.seq },
    lastBeatAt: Math.max(attempt.lastBeatAt ?? 0, beat.at),
  }
  return {
    ...recording,
    // The live attempt is the newest.
    attempts: [...recording.attempts.slice(0, -1), refreshed],
    deadlines:
      beatBy === undefined ? recording.deadlines : { ...recording.deadlines, beatBy: Math.max(beatBy, by) },
  }
}
