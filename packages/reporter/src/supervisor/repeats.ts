import { supervisedAttempts } from './attempts.ts'
import { type Draft, disarmRecording, secondsBetween } from './draft.ts'
import { describeChecks } from './page/checks.ts'
import type { Attempt, Evidence, Recording, RepeatWindow, Time } from './recording.ts'
import type { TimelineCode, TimelineEntry } from './timeline.ts'

/** Milliseconds from the first entry of a group until its further ones are summed up. */
const WINDOW_MS = 60_000
/** Entries of one code that are written before any is counted: a check that fails, and then two, is no repeat. */
const MAX_WRITTEN = 3

interface Group {
  codes: readonly TimelineCode[]
  /** What happened `… 37 more times within 60 s`. */
  text: string
}

/**
 * Entries that a page, Agora or a limit can cause again and again, without end. The first three of each code are written
 * immediately. Further ones within a minute are counted, and one entry for the group says how many there were; if there
 * were any, all of the next minute are counted. All other entries are limited by what causes them: a command, or an
 * attempt, whose number the policy limits.
 */
const GROUPS: Readonly<Record<string, Group>> = {
  checks: {
    codes: ['page.check_failed', 'page.recovered', 'page.warned'],
    text: 'The checks of the page changed',
  },
  silence: {
    codes: ['page.silent', 'page.silent_in_outage', 'page.returned'],
    text: 'The page fell silent or reported again',
  },
  documents: {
    codes: ['page.reloaded', 'page.loaded', 'page.bye', 'page.error'],
    text: 'A document of the page was opened, loaded or unloaded, or had an error',
  },
  agora: {
    codes: [
      'agora.unclear',
      'agora.not_found',
      'agora.pause_differs',
      'agora.failover',
      'agora.former_session',
      'agora.fatal_error',
      'agora.notifications_missed',
      'agora.reload',
      'agora.recorder_left',
      'attempt.sid_conflict',
      'attempt.upload_failed',
      'attempt.backed_up',
    ],
    text: 'Agora sent such a notification or answer',
  },
  retries: {
    codes: ['retry.scheduled', 'attention.raised', 'attention.cleared', 'channel.joined'],
    text: 'The schedule of retries or the attention changed',
  },
}

const GROUP_OF = new Map(
  Object.entries(GROUPS).flatMap(([name, { codes }]) => codes.map((code) => [code, name] as const)),
)

/** Once one of these is counted, so is the `recording.rolling` that it leads to. */
const LEAD_TO_ROLLING: ReadonlySet<TimelineCode> = new Set(['page.recovered', 'page.returned', 'page.loaded'])

/** What the entries are counted for: an attempt, or the recording if they name none. */
type Owner = Attempt | Recording

/** Counts the entries of this decision that repeat earlier ones. Only the timeline depends on it. */
export const coalesceRepeats = (draft: Draft): void => {
  const { recording, now } = draft
  const owners = findOwners(recording)
  const summaries = sumUpRetired(recording, owners)
  let counted: { owner: Owner; group: string } | undefined
  const written = draft.timeline.filter((entry) => {
    const isRolling = entry.code === 'recording.rolling'
    const owner = isRolling ? counted?.owner : owners.get(entry.attempt)
    const group = isRolling ? counted?.group : GROUP_OF.get(entry.code)
    if (!owner || group === undefined) return true
    const key = keyOf(entry)
    const isRepeat = isRolling || (windowAt(owner, group, now)?.written[key] ?? 0) >= MAX_WRITTEN
    count(owner, { group, key, isRepeat, now })
    if (isRepeat && LEAD_TO_ROLLING.has(entry.code)) counted = { owner, group }
    return !isRepeat
  })
  draft.timeline = [...summaries, ...written]
  armSummary(draft)
}

/** By the attempt number in their entries. Nothing is counted for what is over. */
const findOwners = (recording: Recording): Map<number | null, Owner> => {
  const owners = new Map<number | null, Owner>(
    supervisedAttempts(recording).map((attempt) => [attempt.number, attempt]),
  )
  if (recording.desired === 'running' && recording.state !== 'failed') owners.set(null, recording)
  return owners
}

/** Attention of different codes is never counted together. */
const keyOf = ({ code, evidence: { attention } }: TimelineEntry): string =>
  typeof attention === 'string' ? `${code} ${attention}` : code

interface Occurrence {
  group: string
  key: string
  isRepeat: boolean
  now: Time
}

/** Stored objects are replaced as a whole, never changed. */
const count = (owner: Owner, { group, key, isRepeat, now }: Occurrence): void => {
  const { from, written, counted } = windowAt(owner, group, now) ?? { from: now, written: {}, counted: {} }
  const increment = (counts: Record<string, number>) => ({ ...counts, [key]: (counts[key] ?? 0) + 1 })
  owner.repeats = {
    ...owner.repeats,
    [group]: {
      from,
      to: now,
      written: isRepeat ? written : increment(written),
      counted: isRepeat ? increment(counted) : counted,
    },
  }
}

/** A minute without counted entries is over by itself; one with some lasts until they are summed up. */
const windowAt = ({ repeats }: Owner, group: string, now: Time): RepeatWindow | undefined => {
  const window = repeats[group]
  return window && (now < window.from + WINDOW_MS || totalOf(window.counted) > 0) ? window : undefined
}

/**
 * Sums up the minutes that are over. Another one follows, in which all entries are counted: only after a quiet minute are
 * they written again.
 */
export const sumUpRepeats = (draft: Draft): void => {
  const { recording, now } = draft
  for (const owner of findOwners(recording).values()) {
    for (const [group, window] of Object.entries(owner.repeats)) {
      if (now < window.from + WINDOW_MS || totalOf(window.counted) === 0) continue
      draft.timeline.push(summaryOf(owner, group, window))
      const keys = Object.keys({ ...window.written, ...window.counted })
      const written = Object.fromEntries(keys.map((key) => [key, MAX_WRITTEN]))
      owner.repeats = { ...owner.repeats, [group]: { from: now, to: now, written, counted: {} } }
    }
  }
}

/** What is over has no next minute. */
const sumUpRetired = (recording: Recording, owners: ReadonlyMap<number | null, Owner>): TimelineEntry[] =>
  [recording, ...recording.attempts]
    .filter((owner) => !owners.has(numberOf(owner)))
    .flatMap((owner) => {
      const windows = Object.entries(owner.repeats).filter(([, { counted }]) => totalOf(counted) > 0)
      const summaries = windows.map(([group, window]) => summaryOf(owner, group, window))
      if (Object.keys(owner.repeats).length > 0) owner.repeats = {}
      return summaries
    })

const numberOf = (owner: Owner): number | null => ('number' in owner ? owner.number : null)

const totalOf = (counts: Record<string, number>): number =>
  Object.values(counts).reduce((sum, each) => sum + each, 0)

const summaryOf = (owner: Owner, group: string, { from, to, counted }: RepeatWindow): TimelineEntry => {
  const { 'recording.rolling': _, ...changes } = counted
  const total = totalOf(changes)
  const times = `${total} more time${total === 1 ? '' : 's'} within ${secondsBetween(from, to)} s`
  const { failing } = ('page' in owner && owner.page) || {}
  const isAboutChecks = group === 'checks' && failing !== undefined
  const now = isAboutChecks ? `: ${failing.length > 0 ? describeChecks(failing) : 'now all pass'}` : ''
  const evidence: Evidence = { count: total, from, to, entries: counted, ...(isAboutChecks && { failing }) }
  return {
    code: 'timeline.repeated',
    attempt: numberOf(owner),
    message: `${GROUPS[group]?.text ?? group} ${times}${now}`,
    evidence,
  }
}

/** When the next minute in which entries were counted is over. */
const armSummary = (draft: Draft): void => {
  const { recording } = draft
  const windows = [recording, ...recording.attempts].flatMap(({ repeats }) => Object.values(repeats))
  const ends = windows.filter(({ counted }) => totalOf(counted) > 0).map(({ from }) => from + WINDOW_MS)
  if (ends.length > 0) recording.deadlines.repeatsAt = Math.min(...ends)
  else disarmRecording(draft, 'repeatsAt')
}
