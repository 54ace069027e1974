import { liveAttempt } from '../../../packages/reporter/src/supervisor/recording.ts'
import type { Invariant } from '../invariants.ts'
import { isWellAndHeard, liveNumber, stored, type Truth, taskOf } from '../truth.ts'

/** So many pages, and so long, in milliseconds: as the reporter's breaker has it. */
const LEAST = 3
const LONGEST_MS = 300_000
/** An outage before may have used up some of it, in milliseconds. */
const AFTERMATH_MS = 400_000

/** When nothing reaches the reporter, and all its pages were well, none is given up for its silence. */
export const deaf: Invariant = (truth) => {
  let since: number | null = null
  let outages = 0
  let overAt = Number.NEGATIVE_INFINITY
  let silent: { id: string; attempt: number }[] = []
  return {
    onFault: (what) => {
      if (what === 'nothing reaches the reporter') {
        const now = truth.world.time.now()
        const first = outages === 0 && now - overAt > AFTERMATH_MS
        silent = first ? wellPages(truth) : []
        since = silent.length >= LEAST ? now : null
        outages += 1
      } else if (what.startsWith('nothing reaches the reporter')) {
        since = null
        overAt = truth.world.time.now()
        outages -= 1
      }
    },
    // A page that dies now is waited for with the others.
    onCommit: ({ at, before, after }) => {
      const live = liveAttempt(before)
      const ended = live && after.attempts[live.number - 1]
      if (since === null || at - since > LONGEST_MS || ended?.endReason?.code !== 'page_silent') return
      const others = silent.filter(
        ({ id, attempt }) => id !== after.id && liveNumber(stored(truth, id)) === attempt,
      )
      if (live?.endReason || others.length + 1 < LEAST) return
      truth.breach(`${after.id}: attempt ${ended.number} is given up for its silence, and nobody is heard`)
    },
  }
}

/**
 * All pages that were ever heard in a live attempt are well and heard, or none is named. A page with a shorter time-out
 * than the others' may be judged before enough of them have missed a beat.
 */
const wellPages = (truth: Truth): { id: string; attempt: number }[] => {
  const { tables } = truth.world.memory
  const heard = [...tables.recordings.values()].flatMap(({ recording }) => {
    const attempt = liveAttempt(recording)
    return attempt && attempt.lastBeatAt !== null ? [{ recording, attempt }] : []
  })
  const well = heard.filter(({ recording, attempt }) => {
    const task = taskOf(truth, recording.id, attempt.number)
    const page = task && truth.world.pages.of(task)
    return page !== undefined && isWellAndHeard(truth, page, recording.policy)
  })
  const timeouts = new Set(heard.map(({ recording }) => recording.policy.heartbeatTimeout))
  if (well.length < heard.length || timeouts.size > 1) return []
  return well.map(({ recording, attempt }) => ({ id: recording.id, attempt: attempt.number }))
}
