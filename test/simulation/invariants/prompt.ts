import { QUOTA } from '../agora.ts'
import type { Invariant } from '../invariants.ts'
import type { Commit } from '../process.ts'
import { calmSince, liveNumber, stored } from '../truth.ts'

/** What the issue allows beside delays and time-outs, in milliseconds. */
const SLACK_MS = 1000
/** A query on a good day: there and back, after the look that notices. */
const QUERY_MS = 700
/** As many requests as the quota within so long, in milliseconds: then starts wait for their turn. */
const QUEUE_MS = 10_000
/** So long silent pages may be waited for when most are silent, in milliseconds. */
const DEAF_MS = 400_000
/** Whatever went wrong before it may have moved deadlines, but not for longer, in milliseconds. */
const AFTERMATH_MS = 180_000

/**
 * With nothing else wrong: after a definite failure the next attempt is decided on at once, after silence when the
 * time-out is over and Agora was asked; and then its start begins after the delay.
 */
export const prompt: Invariant = (truth) => {
  const sought = new Map<string, number>()
  const silences: number[] = []
  let sends: number[] = []
  const { breach } = truth
  return {
    onSend: (call, { cname = '' }) => {
      const now = truth.world.time.now()
      sends = [...sends.filter((at) => now - at < QUEUE_MS), now]
      if (call === 'acquire') sought.set(cname, now)
    },
    onCommit: (commit) => {
      const due = startDue(commit)
      if (due === undefined) return
      const { at, after } = commit
      const { time } = truth.world
      time.after(due - at + SLACK_MS, () => {
        const moved = stored(truth, after.id) !== after && !isSameWish(stored(truth, after.id), after)
        if (moved || !calmSince(truth, at) || sends.length >= QUOTA) return
        if (after.attempts.filter(({ createdAt }) => createdAt > at - QUEUE_MS).length > 3) return
        if ((sought.get(after.id) ?? 0) < at)
          breach(`${after.id}: no start ${due - at + SLACK_MS} ms after a failure`)
      })
    },
    onNoticeHeard: ({ eventType, code = 0, cname, sid, uid }) => {
      const recording = stored(truth, cname)
      const attempt = recording?.attempts.find((each) => each.sid === sid)
      const definite = eventType === 72 || ((eventType === 71 || eventType === 11) && code !== 0)
      if (!definite || !recording || !attempt || recording.desired === 'stopped') return
      // Of a session that a failover has replaced: not of the recording's end.
      if (attempt.newUid !== null && attempt.newUid !== uid) return
      if (liveNumber(recording) === attempt.number) {
        breach(
          `${cname}: event ${eventType} with code ${code} was heard, and attempt ${attempt.number} counts on`,
        )
      }
    },
    onSilent: (page) => {
      const { time } = truth.world
      const { cname, attempt, sid } = page.task
      const { heard } = page
      silences.push(time.now())
      const recording = stored(truth, cname)
      if (!recording || recording.gaveUp || liveNumber(recording) !== attempt || !heard?.loaded || !heard.ok)
        return
      const limit = heard.at + recording.policy.heartbeatTimeout * 1000 + QUERY_MS + SLACK_MS
      time.after(limit - time.now(), () => {
        // With others it may be our own way in that is broken.
        if (silences.filter((at) => time.now() - at < DEAF_MS).length > 2) return
        const now = stored(truth, cname)
        if (page.heard !== heard || now?.desired === 'stopped' || !calmSince(truth, heard.at - AFTERMATH_MS))
          return
        if (liveNumber(now) === attempt && !now?.gaveUp) breach(`${cname}: ${sid} is silent, and counts on`)
      })
    },
  }
}

/** When the start of the next attempt must begin; undefined if there is to be none, or it has a reason to wait. */
const startDue = ({ at, before, after, signal }: Commit): number | undefined => {
  if (after.desired === 'stopped' || after.gaveUp) return undefined
  if (signal.type === 'restart' || signal.type === 'created') return at
  const live = liveNumber(before)
  if (live === undefined || liveNumber(after) === live) return undefined
  const { delays, jitter } = after.policy.restart
  const index = Math.max(0, Math.min(after.failures.length, delays.length) - 1)
  return at + (delays[index] ?? 0) * 1000 * (1 + jitter)
}

/** Nobody has changed what is wanted, or what counts. */
const isSameWish = (now: Commit['after'] | undefined, then: Commit['after']): boolean =>
  now?.desired === then.desired &&
  now.freshFrom === then.freshFrom &&
  now.attempts.length === then.attempts.length
