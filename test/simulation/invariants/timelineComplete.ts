import { findAttempt } from '../../../packages/reporter/src/supervisor/attempts.ts'
import type { Attempt, Recording } from '../../../packages/reporter/src/supervisor/recording.ts'
import type { TimelineCode } from '../../../packages/reporter/src/supervisor/timeline.ts'
import type { Commit } from '../reporter/process.ts'
import { type Invariant, storedAttempts } from './context.ts'

/** A change between two states of a recording, and the timeline entry that reports it. */
interface Change {
  what: string
  happened(before: Recording, after: Recording): boolean
  codes: TimelineCode[]
  /** How many entries report it. @default one */
  times?(before: Recording, after: Recording): number
}

/** Attention that only the first of the two has. */
const attentionOnlyOf = (one: Recording, other: Recording): number =>
  one.attention.filter(({ code }) => other.attention.every((each) => each.code !== code)).length

const revisionsOf = ({ revisions }: Recording): number => revisions.layout + revisions.subscription

const entered =
  (state: Recording['state']): Change['happened'] =>
  (before, after) =>
    before.state !== state && after.state === state

const CHANGES: Change[] = [
  {
    what: 'stop requested',
    happened: (before, after) => before.desired !== after.desired,
    // When Agora reports a stop, or the policy ends an idle recording, the end of the attempt is the entry.
    codes: ['recording.stop_requested', 'recording.time_over', 'attempt.ended', 'attempt.idle_exit'],
  },
  {
    what: 'rolling',
    // The end of a pause has an entry of its own.
    happened: (before, after) => entered('rolling')(before, after) && before.state !== 'paused',
    codes: ['recording.rolling'],
  },
  { what: 'stopped', happened: entered('stopped'), codes: ['recording.stopped'] },
  { what: 'failed', happened: entered('failed'), codes: ['recording.failed'] },
  {
    what: 'gave up',
    happened: (before, after) => !before.gaveUp && after.gaveUp !== null,
    codes: ['recording.gave_up'],
  },
  {
    what: 'paused',
    happened: (before, after) => !before.paused && after.paused,
    codes: ['recording.pause_requested'],
  },
  {
    what: 'resumed',
    happened: (before, after) => before.paused && !after.paused,
    codes: ['recording.resume_requested'],
  },
  {
    what: 'waiting',
    happened: (before, after) => before.waitingSince === null && after.waitingSince !== null,
    codes: ['recording.waiting'],
  },
  {
    what: 'changed',
    happened: (before, after) => revisionsOf(after) > revisionsOf(before),
    codes: ['recording.change_requested'],
    times: (before, after) => revisionsOf(after) - revisionsOf(before),
  },
  {
    what: 'recovered after giving up',
    happened: (before, after) => before.gaveUp !== null && after.gaveUp === null,
    codes: ['recording.recovered', 'recording.restart_requested'],
  },
  {
    what: 'attention',
    happened: (before, after) => attentionOnlyOf(after, before) > 0,
    codes: ['attention.raised'],
    times: (before, after) => attentionOnlyOf(after, before),
  },
  {
    what: 'attention over',
    happened: (before, after) => attentionOnlyOf(before, after) > 0,
    codes: ['attention.cleared'],
    times: (before, after) => attentionOnlyOf(before, after),
  },
]

/** The same for each attempt. */
interface AttemptChange {
  what: string
  happened(before: Attempt | undefined, after: Attempt, recording: Recording): boolean
  codes: TimelineCode[]
}

const ATTEMPT_CHANGES: AttemptChange[] = [
  {
    what: 'candidate',
    happened: (before, after) => before === undefined && after.candidateFor !== null,
    codes: ['candidate.started'],
  },
  {
    what: 'promoted',
    happened: (before, after) => before?.state === 'candidate' && after.state === 'current',
    codes: ['candidate.promoted'],
  },
  { what: 'requested', happened: (before) => before === undefined, codes: ['attempt.requested'] },
  {
    what: 'started',
    happened: (before, after) => (before?.sid ?? null) === null && after.sid !== null,
    codes: ['attempt.started'],
  },
  {
    what: 'confirmed',
    happened: (before, after) => (before?.confirmedAt ?? null) === null && after.confirmedAt !== null,
    codes: ['attempt.confirmed'],
  },
  {
    what: 'first report',
    happened: (before, after) => (before?.helloAt ?? null) === null && after.helloAt !== null,
    codes: ['page.hello'],
  },
  {
    what: 'loaded',
    // An earlier document that counts again had loaded before.
    happened: (before, after) =>
      !before?.page?.loaded &&
      after.page?.loaded === true &&
      !before?.followedPages.some(({ id }) => id === after.page?.id),
    codes: ['page.loaded'],
  },
  {
    what: 'registered for high availability',
    happened: (before, after) => (before?.haAt ?? null) === null && after.haAt !== null,
    codes: ['attempt.ha_registered'],
  },
  {
    what: 'ended for want of users',
    happened: (before, after) =>
      before !== undefined && before.endReason?.code !== 'idle_exit' && after.endReason?.code === 'idle_exit',
    codes: ['attempt.idle_exit', 'candidate.dropped'],
  },
  {
    what: 'without files',
    happened: (before, after) => before?.noFiles !== 'confirmed' && after.noFiles === 'confirmed',
    codes: ['attempt.no_files'],
  },
  {
    what: 'silent',
    happened: (before, after) => before?.suspicion !== 'silent' && after.suspicion === 'silent',
    codes: ['page.silent', 'page.silent_in_outage'],
  },
]

/**
 * Every change has exactly one timeline entry, added in the same decision, or is counted. A reload that Agora notified once has no more
 * than one entry, however often the notification arrives.
 */
export const timelineComplete: Invariant = ({ world, breach }) => {
  const reloads = new Map<string, number>()
  return {
    onCommit: ({ before, after, timeline, signal }) => {
      const expectEntries = (
        what: string,
        codes: TimelineCode[],
        { attempt, times = 1 }: { attempt?: number; times?: number } = {},
      ): void => {
        const entries = count(timeline, codes, attempt) + countUnwritten({ before, after, timeline }, codes)
        const of = attempt === undefined ? '' : `attempt ${attempt} `
        if (entries !== times)
          breach(`${after.id}: ${of}${what}: ${entries} timeline entries instead of ${times}`)
      }
      for (const { what, happened, codes, times } of CHANGES) {
        if (happened(before, after)) expectEntries(what, codes, { times: times?.(before, after) })
      }
      for (const attempt of after.attempts) {
        const earlier = findAttempt(before, attempt.number)
        if (earlier === attempt) continue
        for (const { what, happened, codes } of ATTEMPT_CHANGES) {
          if (happened(earlier, attempt, after)) expectEntries(what, codes, { attempt: attempt.number })
        }
      }
      for (const attempt of droppedCandidates(before, after)) {
        // A command has an entry of its own.
        if (signal.type === 'restart' || after.desired === 'stopped') continue
        expectEntries('dropped', ['candidate.dropped'], { attempt })
      }
      if (signal.type === 'created') expectEntries('created', ['recording.created'])
    },
    onNotification: ({ sid }, { eventType }) => {
      if (eventType === 73) reloads.set(sid, (reloads.get(sid) ?? 0) + 1)
    },
    atEnd: () => {
      for (const id of world.memory.tables.recordings.keys()) {
        const timeline = world.memory.tables.timeline.get(id) ?? []
        for (const { number, sid, earlierSids } of storedAttempts({ world }, id)) {
          if (count(timeline, ['attempt.rolled_over', 'attempt.failed', 'attempt.idle_exit'], number) > 1) {
            breach(`${id}: attempt ${number} ended more than once`)
          }
          const entries = count(timeline, ['agora.reload'], number)
          const sids = [sid ?? '', ...earlierSids]
          const notified = sids.reduce((sum, each) => sum + (reloads.get(each) ?? 0), 0)
          if (entries > notified) {
            breach(`${id}: attempt ${number} reloaded ${notified} times: ${entries} timeline entries`)
          }
        }
      }
    },
  }
}

/** How many entries this decision counted instead of writing them, of all attempts: no decision changes two of them. */
const countUnwritten = (
  { before, after, timeline }: Pick<Commit, 'before' | 'after' | 'timeline'>,
  codes: readonly string[],
): number => {
  const summedUp = timeline
    .filter(({ code }) => code === 'timeline.repeated')
    .map(({ evidence }) => sum(evidence.entries as Record<string, number>, codes))
  return (
    countedIn(after, codes) - countedIn(before, codes) + summedUp.reduce((total, each) => total + each, 0)
  )
}

const countedIn = (recording: Recording, codes: readonly string[]): number =>
  [recording, ...recording.attempts]
    .flatMap(({ repeats }) => Object.values(repeats))
    .reduce((total, { counted }) => total + sum(counted, codes), 0)

/** A key begins with the code. */
const sum = (counted: Record<string, number>, codes: readonly string[]): number =>
  Object.entries(counted)
    .filter(([key]) => codes.includes(key.split(' ')[0] ?? ''))
    .reduce((total, [, number]) => total + number, 0)

/** The numbers of the candidates that are none any more, and did not take over. */
const droppedCandidates = (before: Recording, after: Recording): number[] =>
  before.attempts
    .filter(({ state }) => state === 'candidate')
    .map(({ number }) => number)
    .filter(
      (number) => !['candidate', 'current', 'starting'].includes(findAttempt(after, number)?.state ?? ''),
    )

const count = (
  timeline: readonly { code: string; attempt: number | null }[],
  codes: readonly string[],
  attempt?: number,
): number =>
  timeline.filter(
    (entry) => codes.includes(entry.code) && (attempt === undefined || entry.attempt === attempt),
  ).length
