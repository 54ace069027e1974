import { z } from '@hono/zod-openapi'
import type { ChannelChanges, ChannelRequest } from '../../channelRequest.ts'
import { isoOrNull } from '../../isoTime.ts'
import { supervisedAttempts } from '../../supervisor/attempts.ts'
import type { Attempt, Recording, Revisions } from '../../supervisor/recording.ts'
import type { UidRange } from '../../uidRange.ts'

/**
 * Of a change that was requested while the recording runs. It is about the attempts that run or, if none does, the last one
 * that did.
 * - `requested`: not each of them has it; if none runs, the next one starts with it
 * - `applied`: each of them has it
 * - `refused`: Agora has refused it, and no attempt starts with it
 */
export const CHANGE_STATUSES = ['requested', 'applied', 'refused'] as const
export type ChangeStatus = (typeof CHANGE_STATUSES)[number]

export interface ChangeView {
  /** As they were requested last. */
  values: Record<string, unknown>
  /** How often they were changed. */
  revision: number
  status: ChangeStatus
}

/** What the API shows of a channel's recording alone. */
export interface ChannelFields {
  kind: 'channel'
  mode: ChannelRequest['mode']
  channel: string
  /** As requested; `changes` has what was changed since. */
  recordingConfig: Record<string, unknown>
  recordingFileConfig: Record<string, unknown> | null
  snapshotConfig: Record<string, unknown> | null
  resourceExpiredHour: number
  uidRange: UidRange | null
  tokenUrl: string | null
  /** null: never changed. */
  changes: Record<keyof Revisions, ChangeView | null>
  /** Since when no attempt runs because the channel was empty; null while attempts are made. */
  waitingSince: string | null
}

const record = z.record(z.string(), z.unknown())
const change = z.object({ values: record, revision: z.int(), status: z.enum(CHANGE_STATUSES) }).nullable()

export const channelFields: { [Name in keyof ChannelFields]: z.ZodType<ChannelFields[Name]> } = {
  kind: z.literal('channel'),
  mode: z.enum(['mix', 'individual']),
  channel: z.string(),
  recordingConfig: record,
  recordingFileConfig: record.nullable(),
  snapshotConfig: record.nullable(),
  resourceExpiredHour: z.int(),
  uidRange: z.object({ from: z.int(), to: z.int() }).nullable(),
  tokenUrl: z.string().nullable(),
  changes: z.object({ layout: change, subscription: change }),
  waitingSince: z.iso.datetime().nullable(),
}

export const viewChannel = (request: ChannelRequest, recording: Recording): ChannelFields => ({
  kind: request.kind,
  mode: request.mode,
  channel: request.channel,
  recordingConfig: { ...request.recordingConfig },
  recordingFileConfig: request.recordingFileConfig ? { ...request.recordingFileConfig } : null,
  snapshotConfig:
    'snapshotConfig' in request && request.snapshotConfig ? { ...request.snapshotConfig } : null,
  resourceExpiredHour: request.resourceExpiredHour,
  uidRange: request.uidRange ?? null,
  tokenUrl: request.tokenUrl ?? null,
  changes: {
    layout: viewChange(request.changes, recording, 'layout'),
    subscription: viewChange(request.changes, recording, 'subscription'),
  },
  waitingSince: isoOrNull(recording.waitingSince),
})

const viewChange = (
  changes: ChannelChanges | undefined,
  recording: Recording,
  name: keyof Revisions,
): ChangeView | null => {
  const values = changes?.[name]
  if (values === undefined) return null
  const revision = recording.revisions[name]
  return { values: { ...values }, revision, status: statusOf(attemptsThatRan(recording), name, revision) }
}

/** A start that Agora has not confirmed brings the newest values, and may fail. */
const attemptsThatRan = (recording: Recording): Attempt[] => {
  const running = supervisedAttempts(recording).filter(hasRun)
  return running.length > 0 ? running : recording.attempts.filter(hasRun).slice(-1)
}

const hasRun = ({ sid }: Attempt): boolean => sid !== null

const statusOf = (attempts: readonly Attempt[], name: keyof Revisions, revision: number): ChangeStatus => {
  const isApplied = attempts.length > 0 && attempts.every(({ applied }) => applied[name] >= revision)
  if (isApplied) return 'applied'
  return attempts.some(({ refused }) => refused[name] >= revision) ? 'refused' : 'requested'
}
