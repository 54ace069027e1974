import { iso } from '../../isoTime.ts'
import { currentAttempt, findAttempt, withAttempts } from '../../supervisor/attempts.ts'
import { isPlanned } from '../../supervisor/candidate.ts'
import type { Decision } from '../../supervisor/decide.ts'
import {
  type Attempt,
  type Attention,
  type Reason,
  type Recording,
  type RecordingState,
  type RepeatWindow,
  reason,
} from '../../supervisor/recording.ts'
import type { TimelineEntry } from '../../supervisor/timeline.ts'
import type { AnnouncedRecording, Announcement } from './announcement.ts'

export interface AnnouncedDecision {
  /** Undefined if the recording was created. */
  before: Recording | undefined
  decision: Decision
  /** The recording's. */
  labels: Readonly<Record<string, string>>
}

/** A recording before and after a decision, both with the attempts that have settled in it. */
interface Change {
  before: Recording | undefined
  after: Recording
  timeline: readonly TimelineEntry[]
  about: { recording: AnnouncedRecording }
}

/**
 * What a decision announces to the business server, in the order in which it happened.
 *
 * A page can flicker, and attention can come and go, without end. The supervisor writes the first three timeline entries
 * of a kind and counts further ones, with one entry a minute that says how many there were (`repeats.ts`). The same holds
 * here: what is counted is not announced, and the entry that sums it up announces how things are then, with the number.
 * So receivers always learn the latest state, within a minute, and a flapping page costs a delivery a minute.
 */
export const announcementsOf = ({ before, decision, labels }: AnnouncedDecision): Announcement[] => {
  const after = withAttempts(decision.recording, decision.settled)
  const about = { recording: viewOf(after, labels) }
  const change: Change = { before, after, timeline: decision.timeline, about }
  return [
    ...(before ? [] : [{ type: 'recording.created' as const, ...change.about }]),
    ...failures(change),
    ...replacement(change),
    ...health(change),
    ...pauses(change),
    ...files(change),
    ...notes(change),
    ...attention(change),
    ...end(change),
  ]
}

const viewOf = (recording: Recording, labels: AnnouncedDecision['labels']): AnnouncedRecording => {
  const current =
    currentAttempt(recording) ?? recording.attempts.findLast(({ state }) => state === 'superseded')
  const { id, kind, state } = recording
  return { id, kind, labels, state, attempt: current?.number ?? null, sid: current?.sid ?? null }
}

const failures = ({ after, timeline, about }: Change): Announcement[] =>
  timeline.flatMap(({ code, attempt, message, evidence }) => {
    if (code !== 'attempt.failed' || attempt === null) return []
    // The entry's evidence may have a code of Agora's in the place of the reason's.
    const why = findAttempt(after, attempt)?.endReason ?? { code: 'attempt_failed', message, evidence }
    return [{ type: 'recording.attempt_failed', ...about, attempt, reason: why }]
  })

/** Another attempt counts as the recording from now on. */
const replacement = ({ before, after, about }: Change): Announcement[] => {
  const current = currentAttempt(after)
  if (!before || !current || current.number === 1) return []
  if (findAttempt(before, current.number) && currentAttempt(before)?.number === current.number) return []
  const from = formerOf(before, current)
  if (from === undefined) return []
  const why = reasonOf(after, before, current, from)
  const type = why && isPlanned(why) ? 'recording.rolled_over' : 'recording.restarted'
  return [{ type, ...about, reason: why, from, to: current.number }]
}

/** After a failure there may have been no current attempt for a while: then it is the last one before the new one. */
const formerOf = (before: Recording, { number }: Attempt): number | undefined =>
  currentAttempt(before)?.number ?? (number > 1 ? number - 1 : undefined)

const reasonOf = (after: Recording, before: Recording, current: Attempt, from: number): Reason | null =>
  findAttempt(after, from)?.endReason ?? current.candidateFor ?? before.replacing ?? before.reason

type HealthState = Extract<RecordingState, 'rolling' | 'unhealthy' | 'recovering'>

const isHealthState = (state: RecordingState): state is HealthState =>
  state === 'rolling' || state === 'unhealthy' || state === 'recovering'

const health = (change: Change): Announcement[] => {
  const { before, after, timeline } = change
  if (!isHealthState(after.state)) return []
  const repeated = countRepeats(timeline, (codes) => codes.some(isAboutHealth))
  const hasSettled = timeline.some(({ code }) => code === 'timeline.repeated') && repeated > 0
  const isGivenUp = after.gaveUp !== null && before?.gaveUp === null
  if (hasSettled) return [announceHealth(change, after.state, repeated)]
  if (after.state === before?.state && !isGivenUp) return []
  // The end of a pause has an announcement of its own.
  if (after.state === 'rolling' && before?.state === 'paused') return []
  // The same start is sent again and again.
  if (after.state === 'recovering' && after.postponed > 1) return []
  if (before && countedIn(after) > countedIn(before) && !isGivenUp) return []
  return [announceHealth(change, after.state)]
}

const isAboutHealth = (code: string): boolean => HEALTH_CODES.has(code)
const HEALTH_CODES: ReadonlySet<string> = new Set([
  'recording.rolling',
  'page.check_failed',
  'page.recovered',
  'page.silent',
  'page.returned',
  'retry.scheduled',
])

const announceHealth = ({ after, about }: Change, state: HealthState, repeated?: number): Announcement => {
  const count = repeated === undefined ? {} : { repeated }
  if (state === 'rolling') return { type: 'recording.rolling', ...about, ...count }
  if (state === 'recovering')
    return { type: 'recording.recovering', ...about, reason: after.reason, ...count }
  return {
    type: 'recording.unhealthy',
    ...{ ...about, reason: after.reason, final: after.gaveUp !== null },
    ...count,
  }
}

/** How many entries were counted in place of being written, according to the entries that sum them up. */
const countRepeats = (timeline: readonly TimelineEntry[], concerns: (codes: string[]) => boolean): number =>
  timeline
    .filter(({ code }) => code === 'timeline.repeated')
    .filter(({ evidence }) => concerns(Object.keys(entriesOf(evidence))))
    .reduce((sum, { evidence: { count } }) => sum + Number(count), 0)

const entriesOf = ({ entries }: TimelineEntry['evidence']): object => Object(entries) as object

/** Entries that are being counted now. */
const countedIn = (recording: Recording): number =>
  [recording, ...recording.attempts]
    .flatMap(({ repeats }): RepeatWindow[] => Object.values(repeats))
    .flatMap(({ counted }) => Object.values(counted))
    .reduce((sum, each) => sum + each, 0)

const pauses = ({ before, after, about }: Change): Announcement[] => {
  const [was, is] = [before ? pauseOf(before) : null, pauseOf(after)]
  if (is && !was) return [{ type: 'recording.paused', ...about, reason: is.reason }]
  const isToRun = after.desired === 'running' && after.gaveUp === null
  return was && !is && isToRun ? [{ type: 'recording.resumed', ...about }] : []
}

const pauseOf = ({ pauses: all, waitingSince, reason: why }: Recording): { reason: Reason | null } | null => {
  if (waitingSince !== null) return { reason: why ?? reason('idle_exit', 'No user is in the channel') }
  return all.at(-1)?.to === null ? { reason: null } : null
}

const MAX_FILES = 100

const files = ({ before, after, about }: Change): Announcement[] => {
  const added = after.attempts.flatMap(({ number, files: names }) => {
    const known = new Set(before && findAttempt(before, number)?.files)
    return names.length === known.size
      ? []
      : names.filter((name) => !known.has(name)).map((name) => ({ name, attempt: number }))
  })
  if (added.length === 0) return []
  return [{ type: 'recording.files_added', ...about, files: added.slice(0, MAX_FILES), count: added.length }]
}

/** A report that comes twice, and a note that is in several reports because an answer was lost, announce it once. */
const notes = ({ before, after, about }: Change): Announcement[] =>
  after.attempts.flatMap(({ number, page }): Announcement[] => {
    const known = before && findAttempt(before, number)?.page
    if (page?.note === undefined || (known?.id === page.id && known.note === page.note)) return []
    return [{ type: 'page.note', ...about, attempt: number, note: JSON.parse(page.note) }]
  })

const attention = (change: Change): Announcement[] => {
  const { before, after, timeline } = change
  const codes = timeline.flatMap(({ code, evidence }) => {
    if (code === 'attention.raised' || code === 'attention.cleared') return [String(evidence.attention)]
    return code === 'timeline.repeated' ? attentionCodes(evidence) : []
  })
  return [...new Set(codes)].flatMap((code): Announcement[] => {
    const [was, is] = [attentionWith(before, code), attentionWith(after, code)]
    if (is) return [announceAttention(change, 'recording.attention_raised', is)]
    const message = timeline.find(({ evidence }) => evidence.attention === code)?.message
    const gone = was ?? { code, message: message ?? code, since: 0 }
    return [announceAttention(change, 'recording.attention_cleared', gone)]
  })
}

/** Entries are counted by their code and, after a space, what they are about. */
const attentionCodes = (evidence: TimelineEntry['evidence']): string[] =>
  Object.keys(entriesOf(evidence)).flatMap((key) => /^attention\.\w+ (\w+)$/.exec(key)?.[1] ?? [])

const attentionWith = (recording: Recording | undefined, code: string): Attention | undefined =>
  recording?.attention.find((each) => each.code === code)

const announceAttention = (
  { about }: Change,
  type: 'recording.attention_raised' | 'recording.attention_cleared',
  { code, message, since }: Pick<Attention, 'message' | 'since'> & { code: string },
): Announcement => ({ type, ...about, attention: { code, message, since: iso(since) } })

const end = ({ before, after, about }: Change): Announcement[] => {
  if (after.state === before?.state) return []
  if (after.state === 'stopped') return [{ type: 'recording.stopped', ...about, reason: after.reason }]
  if (after.state !== 'failed') return []
  return [{ type: 'recording.failed', ...about, reason: after.gaveUp ?? after.reason }]
}
