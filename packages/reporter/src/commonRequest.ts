import { z } from 'zod'
import { USER_ID_PATTERN } from './standbyId.ts'
import { POLICY_OF_KIND, type PolicyInput, policyInputSchema } from './supervisor/policy.ts'
import type { RecordingKind } from './supervisor/recording.ts'

/** What requests for pages and for channels have in common. docs/api.md describes each field. */
export interface CommonRequest {
  id?: string
  /** Name of a profile in STORAGE_PROFILES. */
  storage: string
  /** Whether a twin, in another region, always records beside it. */
  standby: boolean
  policy?: PolicyInput
  /** By which recordings are found. */
  labels: Record<string, string>
  /** When it is to be recording, ISO 8601 in UTC; absent: from its creation on. */
  startAt?: string
  /** Seconds before `startAt` at which its first attempt starts. */
  startAhead: number
  /** When it ends, ISO 8601 in UTC; absent: at a stop. */
  stopAt?: string
  /** Seconds after `startAt`, or else after its creation, at which it ends. */
  maxDuration?: number
  /** Returned unchanged; up to 4096 bytes of JSON. */
  metadata: Record<string, unknown>
  /**
   * The fields that were changed since the recording was created, as they were then; null if one was left out. Not part of
   * the request as it was sent.
   */
  original?: Record<string, unknown>
}

/** An integer of a range. */
export const range = ({ min, max }: { min: number; max: number }): z.ZodInt => z.int().min(min).max(max)

/** Bytes of UTF-8; infinite for a value nested too deeply to be serialised. */
const bytesOf = (value: unknown): number => {
  try {
    return Buffer.byteLength(JSON.stringify(value))
  } catch {
    return Number.POSITIVE_INFINITY
  }
}

export const LABEL_NAME: RegExp = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$/
export const labelValueSchema: z.ZodString = z.string().min(1).max(256)

export const labelsSchema: z.ZodType<CommonRequest['labels']> = z
  .record(
    z.string().regex(LABEL_NAME, {
      error: 'must have 1 to 63 letters, digits, "_", "." and "-", and begin with a letter or digit',
    }),
    labelValueSchema,
  )
  .refine((labels) => Object.keys(labels).length <= 16, { error: 'must have at most 16 fields' })

export const metadataSchema: z.ZodType<CommonRequest['metadata']> = z
  .record(z.string(), z.unknown())
  .refine((metadata) => bytesOf(metadata) <= 4096, { error: 'must be at most 4 KiB of JSON' })

/** With a zone, so that it does not depend on the reporter's; kept in UTC. */
export const timeSchema: z.ZodType<string, string> = z.iso
  .datetime({ offset: true, error: 'must be a time with a zone, like "2027-01-15T10:00:00+01:00"' })
  .transform((time) => new Date(time).toISOString())

export const startAheadSchema: z.ZodInt = z.int().min(0).max(3600)
export const maxDurationSchema: z.ZodInt = z.int().min(1).max(2_592_000)

/** Seconds: a page is opened and loaded by then. */
const START_AHEAD: Readonly<Record<RecordingKind, number>> = { page: 60, channel: 0 }

type FieldSchemas = {
  [Name in keyof Omit<CommonRequest, 'original'>]-?: z.ZodType<CommonRequest[Name]>
}

/** Only in stored requests. */
export const originalField: { original: z.ZodType<Record<string, unknown> | undefined> } = {
  original: z.record(z.string(), z.unknown()).optional(),
}

/** The fields before those of the kind. */
export const leadingFields: Pick<FieldSchemas, 'id'> = {
  id: z
    .string()
    .regex(new RegExp(`^${USER_ID_PATTERN}$`), {
      error: 'must have 1 to 64 letters, digits, "-" and "_", and begin with a letter or digit',
    })
    .optional(),
}

/** The other fields. */
export const trailingFields = (kind: RecordingKind): Omit<FieldSchemas, 'id'> => ({
  storage: z.string().min(1).max(64).default('default'),
  standby: z.boolean().default(false),
  policy: policyOf(kind).optional(),
  startAt: timeSchema.optional(),
  startAhead: startAheadSchema.default(START_AHEAD[kind]),
  stopAt: timeSchema.optional(),
  maxDuration: maxDurationSchema.optional(),
  labels: labelsSchema.default({}),
  metadata: metadataSchema.default({}),
})

/** What only means something for the other kind is refused: it would be ignored silently. */
export const policyOf = (kind: RecordingKind): z.ZodType<PolicyInput> => {
  const other: RecordingKind = kind === 'page' ? 'channel' : 'page'
  return policyInputSchema.superRefine((policy, context) => {
    for (const name of POLICY_OF_KIND[other]) {
      if (policy[name] === undefined) continue
      context.addIssue({ code: 'custom', path: [name], message: `is only for recordings of a ${other}` })
    }
  })
}
