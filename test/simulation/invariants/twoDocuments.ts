import { isDeepStrictEqual } from 'node:util'
import {
  findAttempt,
  isSupervised,
  supervisedAttempts,
} from '../../../packages/reporter/src/supervisor/attempts.ts'
import type { Attempt, Recording } from '../../../packages/reporter/src/supervisor/recording.ts'
import type { Page } from '../environment/page.ts'
import type { Task } from '../environment/task.ts'
import type { FaultEvent } from '../observer.ts'
import type { Commit } from '../reporter/process.ts'
import { type Invariant, type InvariantContext, runningTask } from './context.ts'

/** Two documents speak for this long, longer than a failover, when attention is due, in milliseconds. */
const SPOKEN_MS = 180_000
/** A document that speaks has had a report stored within this time, in milliseconds. */
const SPEAKS_MS = 15_000

/**
 * While a stranger's document reports beside the one that Agora records, attention says so. It is never raised without such
 * a document, and is over when the stranger has gone. Only the document of the newest hello counts: no report of an earlier
 * one changes what is known of it, or until when it must report.
 */
export const twoDocuments: Invariant = (context) => {
  const { world, breach } = context
  const faults = trackOtherFaults(context)
  return {
    onFault: faults.onFault,
    onCommit: ({ before, after, signal }) => {
      if (signal.type === 'report' && changesAnother(before, after, signal)) {
        breach(`${after.id}: a report of ${signal.report.page} changed what is known of a newer document`)
      }
      const isRaised = hasAttention(after)
      if (isRaised && !hasAttention(before) && !hasStranger(context, after)) {
        breach(`${after.id}: two_documents, and no other document was opened`)
      }
      if (isRaised || after.desired === 'stopped') return
      const since = world.time.now() - SPOKEN_MS
      if (!faults.isFreeSince(since)) return
      for (const { number } of after.attempts) {
        const task =
          isSupervised(before, number) && isSupervised(after, number) && taskOf(context, after, number)
        if (task && bothSpeakSince(context, task, since)) {
          breach(`${after.id}: two documents report with the token of attempt ${number}, without attention`)
        }
      }
    },
    atEnd: () => {
      for (const { recording } of world.memory.tables.recordings.values()) {
        // Nothing replaces an attempt whose newest document has gone silent once its recording has given up, or while it is
        // paused and no candidate loads.
        if (hasAttention(recording) && !recording.gaveUp && !recording.paused)
          breach(`${recording.id}: two_documents, and only one document is open`)
      }
    },
  }
}

const hasAttention = ({ attention }: Recording): boolean =>
  attention.some(({ code }) => code === 'two_documents')

/** An earlier document, or the newest one, of which the reporter may not know that it was closed. */
const hasStranger = ({ world }: InvariantContext, recording: Recording): boolean =>
  supervisedAttempts(recording).some(({ page, followedPages }) =>
    [page, ...followedPages.filter(({ speaksOn }) => speaksOn)].some((each) => world.strangers.has(each?.id)),
  )

const changesAnother = (
  before: Recording,
  after: Recording,
  { attempt, report }: Extract<Commit['signal'], { type: 'report' }>,
): boolean => {
  const [former, now] = [before, after].map((recording) => findAttempt(recording, attempt))
  if (!former?.followedPages.some(({ id }) => id === report.page)) return false
  // The first signal after a downtime of the reporter renews the deadlines of all.
  if (before.appliedDowntimes.count < after.appliedDowntimes.count) return false
  const facts = ({ page, deadlines, lastBeatAt }: Attempt) => ({ page, deadlines, lastBeatAt })
  return now !== undefined && !isDeepStrictEqual(facts(former), facts(now))
}

const taskOf = (context: InvariantContext, recording: Recording, number: number): Task | undefined => {
  const task = runningTask(context, recording.id, number)
  return task?.sid === findAttempt(recording, number)?.sid ? task : undefined
}

const bothSpeakSince = ({ world }: InvariantContext, task: Task, since: number): boolean => {
  const speaks = (page: Page): boolean =>
    page.open &&
    page.openedAt < since &&
    !page.dismissed &&
    isWithin(page.lastStored, world.time.now() - SPEAKS_MS)
  const own = world.pages.of(task)
  return own !== undefined && speaks(own) && world.strangers.of(task).some(speaks)
}

const isWithin = (stored: Page['lastStored'], since: number): boolean => stored !== null && stored.at > since

/** Whether nothing but a stranger has disturbed the run. */
const trackOtherFaults = ({ world }: InvariantContext) => {
  let lasting = 0
  let lastAt = Number.NEGATIVE_INFINITY
  return {
    onFault: ({ kind, phase }: FaultEvent): void => {
      if (kind === 'stranger') return
      lasting += phase === 'began' ? 1 : phase === 'ended' ? -1 : 0
      lastAt = world.time.now()
    },
    isFreeSince: (at: number): boolean => lasting === 0 && lastAt < at,
  }
}
