import { z } from '@hono/zod-openapi'
import { iso, isoOrNull } from '../../isoTime.ts'
import { orNull } from '../../orNull.ts'
import { pathOf } from '../../runtime/kinds/storageOfAttempt.ts'
import { mainIdOf } from '../../standbyId.ts'
import { profileOf, type StorageProfiles } from '../../storageProfile.ts'
import type { StoredRecording } from '../../store/types.ts'
import { currentAttempt } from '../../supervisor/attempts.ts'
import { type Policy, policySchema } from '../../supervisor/policy.ts'
import {
  RECORDING_STATES,
  type Reason,
  type Recording,
  type RecordingState,
  type Time,
} from '../../supervisor/recording.ts'
import { beginsAt, endsAt, nextAttemptAt } from '../../supervisor/schedule.ts'
import { type AttemptView, attemptViewSchema, reasonSchema, viewAttempt } from './attemptView.ts'
import { type AttentionView, attentionSchema, viewAttention } from './attentionView.ts'
import { type ChannelFields, channelFields, viewChannel } from './channelView.ts'
import { type FileView, fileSchema, viewFiles } from './files.ts'
import { type GapView, gapSchema, gapsOf } from './gaps.ts'
import { type PageFields, pageFields, viewPage } from './pageView.ts'
import { type PauseView, pauseSchema, pausesOf } from './pauses.ts'
import { type PredictFiles, predictFiles } from './predictFiles.ts'
import { type StandbyView, standbyViewSchema, viewStandby, type WithHistory } from './standbyView.ts'

/** What the API shows of every recording. Times are ISO 8601 in UTC. */
export interface CommonFields {
  id: string
  desired: Recording['desired']
  /** Whether a pause was requested; each attempt's `onhold` is what Agora has confirmed. */
  paused: boolean
  state: RecordingState
  reason: Reason | null
  /** What a person should look at. What is about files outlasts the recording. */
  attention: AttentionView[]
  /** When the next attempt or candidate starts; null if none is scheduled. */
  nextAttemptAt: string | null
  /** Why no further attempt is made; null while attempts are made. */
  gaveUp: Reason | null
  /** Since when; null while attempts are made. */
  gaveUpAt: string | null
  /** As requested, in UTC; null if it was left out. */
  startAt: string | null
  startAhead: number
  stopAt: string | null
  maxDuration: number | null
  /** When its first attempt starts; null once it has begun. */
  startsAt: string | null
  /** When it ends by `stopAt` or `maxDuration`; null if by neither. */
  endsAt: string | null
  policy: Policy
  /** The name of its storage profile. */
  storage: string
  /** The path in the bucket at which the folders of its attempts are; null if its storage profile is not configured. */
  folder: string | null
  labels: Record<string, string>
  metadata: Record<string, unknown>
  createdAt: string
  /** When anything about it was last stored but heartbeats. */
  updatedAt: string
  /** Grows with each of these changes. */
  version: number
  deadlines: Record<string, string>
  /** How many attempts were made so far. */
  attemptCount: number
  /** Those that run, that may run, or that ended lately, in order. The others are at `/attempts`. */
  attempts: AttemptView[]
  /** In the order of the attempts; those of a standby come last. */
  files: RecordingFileView[]
  gaps: GapView[]
  /** The newest 50, oldest first. */
  pauses: PauseView[]
  /** `files` and `gaps` are complete from here on: `createdAt`, or later if the recording has many attempts. */
  historySince: string
  /** null: the recording has no standby. */
  standby: StandbyView | null
  /** The id of the recording that this one is the standby of; null for any other. */
  standbyOf: string | null
}

/** A file, and which of two twins made it. */
export type RecordingFileView = FileView & { standby: boolean }

/** A recording as the API shows it. */
export type RecordingView = CommonFields & (PageFields | ChannelFields)

export const commonFields: { [Name in keyof CommonFields]: z.ZodType<CommonFields[Name]> } = {
  id: z.string(),
  desired: z.enum(['running', 'stopped']),
  paused: z.boolean(),
  state: z.enum(RECORDING_STATES),
  reason: orNull(reasonSchema),
  attention: z.array(attentionSchema),
  nextAttemptAt: z.iso.datetime().nullable(),
  gaveUp: orNull(reasonSchema),
  gaveUpAt: z.iso.datetime().nullable(),
  startAt: z.iso.datetime().nullable(),
  startAhead: z.int(),
  stopAt: z.iso.datetime().nullable(),
  maxDuration: z.int().nullable(),
  startsAt: z.iso.datetime().nullable(),
  endsAt: z.iso.datetime().nullable(),
  policy: policySchema,
  storage: z.string(),
  folder: z.string().nullable(),
  labels: z.record(z.string(), z.string()),
  metadata: z.record(z.string(), z.unknown()),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
  version: z.int(),
  deadlines: z.record(z.string(), z.iso.datetime()),
  attemptCount: z.int(),
  attempts: z.array(attemptViewSchema),
  files: z.array(z.intersection(fileSchema, z.object({ standby: z.boolean() }))),
  gaps: z.array(gapSchema),
  pauses: z.array(pauseSchema),
  historySince: z.iso.datetime(),
  standby: orNull(standbyViewSchema),
  standbyOf: z.string().nullable(),
}

export const recordingViewSchema: z.ZodType<RecordingView> = z
  .discriminatedUnion('kind', [
    z.object({ ...commonFields, ...pageFields }).openapi('PageRecording'),
    z.object({ ...commonFields, ...channelFields }).openapi('ChannelRecording'),
  ])
  .openapi('Recording') as z.ZodType<RecordingView>

/**
 * @param profiles say where its files are
 * @param standby of the recording, if it has one
 */
export const viewRecording = (
  main: WithHistory,
  profiles: StorageProfiles,
  standby?: WithHistory,
): RecordingView => {
  const { request, recording } = main.stored
  const both = standby ? [main, standby] : [main]
  const common: CommonFields = {
    ...viewOne(main, profiles),
    files: both.flatMap((each) => viewFilesOf(each, predictFiles(each.stored, profiles))),
    historySince: iso(Math.max(...both.map(historySinceOf))),
    standby: standby ? viewStandby(main, standby) : null,
    standbyOf: mainIdOf(recording.id) ?? null,
  }
  return request.kind === 'page'
    ? { ...common, ...viewPage(request) }
    : { ...common, ...viewChannel(request, recording) }
}

const viewFilesOf = ({ stored, history }: WithHistory, predict: PredictFiles): RecordingFileView[] => {
  const standby = mainIdOf(stored.recording.id) !== undefined
  return history.attempts
    .flatMap((attempt) => viewFiles(attempt, predict))
    .map((file) => ({ ...file, standby }))
}

const historySinceOf = ({ stored, history }: WithHistory): Time => history.since ?? stored.recording.createdAt

/** What does not depend on a standby. */
const viewOne = (
  { stored, history }: WithHistory,
  profiles: StorageProfiles,
): Omit<CommonFields, 'files' | 'historySince' | 'standby' | 'standbyOf'> => {
  const { request, recording, version, updatedAt } = stored
  const predict = predictFiles(stored, profiles)
  return {
    id: recording.id,
    desired: recording.desired,
    paused: recording.paused,
    state: recording.state,
    reason: recording.reason,
    attention: viewAttention(recording),
    nextAttemptAt: isoOrNull(nextAttemptAt(recording)),
    gaveUp: recording.gaveUp,
    gaveUpAt: isoOrNull(recording.gaveUpAt),
    startAt: request.startAt ?? null,
    startAhead: request.startAhead,
    stopAt: request.stopAt ?? null,
    maxDuration: request.maxDuration ?? null,
    startsAt: recording.awaitsStart ? isoOrNull(beginsAt(recording.schedule)) : null,
    endsAt: isoOrNull(endsAt(recording)),
    policy: recording.policy,
    storage: request.storage,
    folder: viewFolder(stored, profiles),
    labels: request.labels,
    metadata: request.metadata,
    createdAt: iso(recording.createdAt),
    updatedAt: iso(updatedAt),
    version,
    deadlines: viewDeadlines(recording),
    attemptCount: recording.attemptCount,
    attempts: recording.attempts.map((attempt) => viewAttempt(attempt, predict)),
    gaps: gapsOf(recording, history),
    pauses: pausesOf(recording),
  }
}

const viewFolder = ({ request, recording }: StoredRecording, profiles: StorageProfiles): string | null => {
  const profile = profileOf(profiles, request.storage)
  return profile ? pathOf(profile, recording.id).join('/') : null
}

/** Those of the recording and of its current attempt. */
const viewDeadlines = (recording: Recording): Record<string, string> => {
  const deadlines = { ...currentAttempt(recording)?.deadlines, ...recording.deadlines }
  return Object.fromEntries(Object.entries(deadlines).map(([name, at]) => [name, iso(at)]))
}
