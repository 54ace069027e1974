import { z } from '@hono/zod-openapi'
import { expectationsSchema } from '../expectationSchema.ts'
import type { RecordingRequest } from '../recordingRequest.ts'
import type { HourlyStatistics } from '../store/hourlyStatistics.ts'
import type { StoredRecording } from '../store/recordingRow.ts'
import type { StoredTimelineEntry } from '../store/timeline.ts'
import {
  ATTEMPT_STATES,
  type Attempt,
  type AttemptState,
  REASON_CODES,
  RECORDING_STATES,
  type Reason,
  type ReasonCode,
  type Recording,
  type RecordingState,
  type Time,
} from '../supervisor/recording.ts'

/** How the API shows a recording. Times are ISO 8601 in UTC. */
export interface RecordingView {
  id: string
  desired: Recording['desired']
  /** Whether a pause is wanted; the attempts say what Agora does. */
  paused: boolean
  state: RecordingState
  reason: Reason | null
  url: string
  expect: RecordingRequest['expect']
  media: RecordingRequest['media']
  policy: unknown
  metadata: Record<string, unknown>
  createdAt: string
  deadlines: Record<string, string>
  attempts: AttemptView[]
  /** Of all attempts, in their order. */
  files: FileView[]
  gaps: GapView[]
}

export interface FileView {
  /** As Agora names it, below the storage's `fileNamePrefix`. */
  name: string
  attempt: number
}

/** Between two attempts whose page was well, or from the last of them on: nothing good was recorded. */
export interface GapView {
  from: string
  /** null: it lasts, or nothing came after it. */
  to: string | null
  /** The attempt that was well before; null: none was. */
  after: number | null
  /** The attempt that is well after. */
  before: number | null
  /** Why the attempt ended that was to be well. */
  reason: ReasonCode | null
}

export interface AttemptView {
  number: number
  state: AttemptState
  uid: string
  resourceId: string | null
  sid: string | null
  /** Agora keeps the page open and writes nothing. */
  onhold: boolean
  startedAt: string | null
  confirmedAt: string | null
  loadedAt: string | null
  lastBeatAt: string | null
  endedAt: string | null
  endReason: Reason | null
  /** Of an orphan: when Agora ends it by itself, at the latest. */
  mayRunUntil: string | null
}

export interface TimelineView {
  id: number
  at: string
  code: string
  attempt: number | null
  message: string
  evidence: Record<string, unknown>
}

/** What an attempt's page said within an hour. */
export interface BeatsView extends Omit<HourlyStatistics, 'recordingId' | 'hour'> {
  /** When it began. */
  hour: string
}

const reasonSchema: z.ZodType<Reason> = z.object({
  code: z.enum(REASON_CODES),
  message: z.string(),
  evidence: z.record(z.string(), z.unknown()),
})
const time = z.iso.datetime().nullable()

export const recordingViewSchema: z.ZodType<RecordingView> = z
  .object({
    id: z.string(),
    desired: z.enum(['running', 'stopped']),
    paused: z.boolean(),
    state: z.enum(RECORDING_STATES),
    reason: reasonSchema.nullable(),
    url: z.string(),
    expect: expectationsSchema,
    media: expectationsSchema,
    policy: z.unknown(),
    metadata: z.record(z.string(), z.unknown()),
    createdAt: z.iso.datetime(),
    deadlines: z.record(z.string(), z.iso.datetime()),
    attempts: z.array(
      z.object({
        number: z.int(),
        state: z.enum(ATTEMPT_STATES),
        uid: z.string(),
        resourceId: z.string().nullable(),
        sid: z.string().nullable(),
        onhold: z.boolean(),
        startedAt: time,
        confirmedAt: time,
        loadedAt: time,
        lastBeatAt: time,
        endedAt: time,
        endReason: reasonSchema.nullable(),
        mayRunUntil: time,
      }),
    ),
    files: z.array(z.object({ name: z.string(), attempt: z.int() })),
    gaps: z.array(
      z.object({
        from: z.iso.datetime(),
        to: time,
        after: z.int().nullable(),
        before: z.int().nullable(),
        reason: z.enum(REASON_CODES).nullable(),
      }),
    ),
  })
  .openapi('Recording')

export const timelineViewSchema: z.ZodType<TimelineView> = z
  .object({
    id: z.int(),
    at: z.iso.datetime(),
    code: z.string(),
    attempt: z.int().nullable(),
    message: z.string(),
    evidence: z.record(z.string(), z.unknown()),
  })
  .openapi('TimelineEntry')

const count = (description: string) => z.int().min(0).openapi({ description })

export const beatsViewSchema: z.ZodType<BeatsView> = z
  .object({
    attempt: z.int(),
    hour: z.iso
      .datetime()
      .openapi({ description: 'When the hour began', example: '2026-01-01T03:00:00.000Z' }),
    reports: count('Reports that were kept'),
    unhealthy: count('Of them, those with failed checks, from a page that had loaded'),
    missed: count('Reports that the page made and that did not arrive'),
    errors: count('Most script errors that a document had had'),
    failed: count('Most files that a document could not load'),
    lateMax: count("The latest tick of the page's timer, in milliseconds"),
    blank: count('Heartbeats of a visible page that painted nothing'),
  })
  .openapi('Beats')

export const viewRecording = ({ request, recording }: StoredRecording): RecordingView => ({
  id: recording.id,
  desired: recording.desired,
  paused: recording.paused,
  state: recording.state,
  reason: recording.reason,
  url: request.url,
  expect: request.expect,
  media: request.media,
  policy: recording.policy,
  metadata: request.metadata,
  createdAt: iso(recording.createdAt),
  deadlines: Object.fromEntries(Object.entries(recording.deadlines).map(([name, at]) => [name, iso(at)])),
  attempts: recording.attempts.map(viewAttempt),
  files: recording.attempts.flatMap(({ files, number }) => files.map((name) => ({ name, attempt: number }))),
  gaps: gapsOf(recording),
})

export const viewTimelineEntry = ({ at, ...entry }: StoredTimelineEntry): TimelineView => ({
  ...entry,
  at: iso(at),
})

export const viewBeats = ({ recordingId: _, hour, ...figures }: HourlyStatistics): BeatsView => ({
  ...figures,
  hour: iso(hour),
})

const gapsOf = ({ attempts, createdAt, desired }: Recording): GapView[] => {
  const gaps: GapView[] = []
  let from: Time | null = createdAt
  let after: Attempt | undefined
  for (const attempt of attempts) {
    if (attempt.loadedAt === null) continue
    // Until the first attempt has loaded there is nothing that a gap would be in.
    if (from !== null && attempt.number > 1) gaps.push(gap(from, attempts, after, attempt))
    from = attempt.wellUntil
    after = attempt
  }
  const last = attempts.at(-1)
  const open = from !== null && after && (desired === 'running' || after !== last)
  if (open && from !== null) gaps.push(gap(from, attempts, after, undefined))
  return gaps
}

const gap = (
  from: Time,
  attempts: Attempt[],
  after: Attempt | undefined,
  before: Attempt | undefined,
): GapView => ({
  from: iso(from),
  to: isoOrNull(before?.loadedAt ?? null),
  after: after?.number ?? null,
  before: before?.number ?? null,
  reason: (after ?? attempts[0])?.endReason?.code ?? null,
})

const viewAttempt = (attempt: Attempt): AttemptView => ({
  number: attempt.number,
  state: attempt.state,
  uid: attempt.uid,
  resourceId: attempt.resourceId,
  sid: attempt.sid,
  onhold: attempt.onhold,
  startedAt: isoOrNull(attempt.startedAt),
  confirmedAt: isoOrNull(attempt.confirmedAt),
  loadedAt: isoOrNull(attempt.loadedAt),
  lastBeatAt: isoOrNull(attempt.lastBeatAt),
  endedAt: isoOrNull(attempt.endedAt),
  endReason: attempt.endReason,
  mayRunUntil: isoOrNull(attempt.mayRunUntil),
})

const iso = (at: Time): string => new Date(at).toISOString()
const isoOrNull = (at: Time | null): string | null => (at === null ? null : iso(at))
