import type { Attempt, Recording } from '../../../packages/reporter/src/supervisor/recording.ts'
import type { TimelineCode } from '../../../packages/reporter/src/supervisor/timeline.ts'
import type { Invariant } from '../invariants.ts'

/** Something that changed between two states of a recording, and the line that tells of it. */
interface Row {
  what: string
  changed(before: Recording, after: Recording): boolean
  codes: TimelineCode[]
}

const became =
  (state: Recording['state']): Row['changed'] =>
  (before, after) =>
    before.state !== state && after.state === state

const ROWS: Row[] = [
  {
    what: 'it is not wanted any more',
    changed: (before, after) => before.desired !== after.desired,
    codes: ['recording.stop_requested', 'attempt.ended'],
  },
  { what: 'it rolls', changed: became('rolling'), codes: ['recording.rolling'] },
  { what: 'it has stopped', changed: became('stopped'), codes: ['recording.stopped'] },
  { what: 'it has failed', changed: became('failed'), codes: ['recording.failed'] },
  {
    what: 'it gave up',
    changed: (before, after) => !before.gaveUp && after.gaveUp !== null,
    codes: ['recording.gave_up'],
  },
  {
    what: 'it is paused',
    changed: (before, after) => !before.paused && after.paused,
    codes: ['recording.pause_requested'],
  },
  {
    what: 'it is not paused any more',
    changed: (before, after) => before.paused && !after.paused,
    codes: ['recording.resume_requested'],
  },
  {
    what: 'it takes heart again',
    changed: (before, after) => before.gaveUp !== null && after.gaveUp === null,
    codes: ['recording.recovered', 'recording.restart_requested'],
  },
]

/** For each attempt. */
interface AttemptRow {
  what: string
  changed(before: Attempt | undefined, after: Attempt): boolean
  codes: TimelineCode[]
}

const ATTEMPT_ROWS: AttemptRow[] = [
  { what: 'is made', changed: (before) => before === undefined, codes: ['attempt.requested'] },
  {
    what: 'has a sid',
    changed: (before, after) => (before?.sid ?? null) === null && after.sid !== null,
    codes: ['attempt.started'],
  },
  {
    what: 'is confirmed',
    changed: (before, after) => (before?.confirmedAt ?? null) === null && after.confirmedAt !== null,
    codes: ['attempt.confirmed'],
  },
  {
    what: 'is heard',
    changed: (before, after) => (before?.helloAt ?? null) === null && after.helloAt !== null,
    codes: ['page.hello'],
  },
  {
    what: 'has loaded',
    changed: (before, after) => !before?.page?.loaded && after.page?.loaded === true,
    codes: ['page.loaded'],
  },
  {
    what: 'is silent',
    changed: (before, after) => before?.suspicion !== 'silent' && after.suspicion === 'silent',
    codes: ['page.silent', 'page.silent_in_outage'],
  },
]

/** Whatever changed is on the timeline, once, and in the same step; and an event of Agora no more often than it was. */
export const told: Invariant = ({ world, breach }) => {
  const reloads = new Map<string, number>()
  return {
    onCommit: ({ before, after, timeline, signal }) => {
      const count = (codes: TimelineCode[], attempt?: number): number => lines(timeline, codes, attempt)
      for (const { what, changed, codes } of ROWS) {
        if (!changed(before, after)) continue
        const times = count(codes)
        // A stop that Agora tells of is the end of its attempt too.
        if (times !== 1) breach(`${after.id}: ${what}, which is told ${times} times`)
      }
      for (const attempt of after.attempts) {
        const earlier = before.attempts[attempt.number - 1]
        if (earlier === attempt) continue
        for (const { what, changed, codes } of ATTEMPT_ROWS) {
          if (!changed(earlier, attempt)) continue
          const times = count(codes, attempt.number)
          if (times !== 1)
            breach(`${after.id}: attempt ${attempt.number} ${what}, which is told ${times} times`)
        }
      }
      if (signal.type === 'created' && count(['recording.created']) !== 1)
        breach(`${after.id}: created, not told`)
    },
    onNotice: ({ sid }, { eventType }) => {
      if (eventType === 73) reloads.set(sid, (reloads.get(sid) ?? 0) + 1)
    },
    atEnd: () => {
      for (const [id, { recording }] of world.memory.tables.recordings) {
        const timeline = world.memory.tables.timeline.get(id) ?? []
        for (const { number, sid, earlierSids } of recording.attempts) {
          const times = lines(timeline, ['agora.reload'], number)
          const heard = [sid ?? '', ...earlierSids].map((each) => reloads.get(each) ?? 0)
          if (times > heard.reduce((sum, each) => sum + each, 0))
            breach(`${id}: a reload of attempt ${number} is told twice`)
        }
      }
    },
  }
}

const lines = (
  timeline: readonly { code: string; attempt: number | null }[],
  codes: TimelineCode[],
  attempt?: number,
): number =>
  timeline.filter(
    (line) => (codes as string[]).includes(line.code) && (attempt === undefined || line.attempt === attempt),
  ).length
