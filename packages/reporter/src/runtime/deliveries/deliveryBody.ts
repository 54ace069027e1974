import { z } from 'zod'
import { orNull } from '../../orNull.ts'
import { ATTENTION_CODES, RECORDING_KINDS, RECORDING_STATES } from '../../supervisor/recording.ts'
import type {
  AnnouncedReason,
  AnnouncedRecording,
  Announcement,
  DeliveryBody,
  FieldsOf,
} from './announcement.ts'
import { DELIVERY_TYPE_NAMES, DELIVERY_TYPES, type DeliveryType } from './deliveryTypes.ts'

const reasonSchema: z.ZodType<AnnouncedReason> = z
  .object({
    code: z.string().meta({ description: 'One of the reasons; later versions add some' }),
    message: z.string().meta({ description: 'For people' }),
    evidence: z.record(z.string(), z.unknown()).meta({ description: 'The facts behind it' }),
  })
  .meta({ id: 'DeliveryReason' })

const recordingSchema: z.ZodType<AnnouncedRecording> = z
  .object({
    id: z.string(),
    kind: z.enum(RECORDING_KINDS),
    labels: z.record(z.string(), z.string()),
    state: z.enum(RECORDING_STATES),
    attempt: z.int().nullable().meta({ description: 'The number of the current attempt' }),
    sid: z.string().nullable().meta({ description: 'Its sid; null while it is not known' }),
  })
  .meta({ id: 'DeliveryRecording', description: 'The recording in that moment' })

const why = { reason: orNull(reasonSchema) }
const aboutRecording = { recording: recordingSchema }
const attempt = z.int().min(1)

const FILE_COUNT = z.int().min(1).meta({ description: 'How many; `files` has at most 100' })
const repeated = z.int().min(1).optional().meta({
  description:
    'Set if the recording changes so often that its changes are counted: how many there were within the last minute. At most one such delivery a minute is sent',
})
const attention = z.object({
  code: z.string().meta({ description: `For instance ${ATTENTION_CODES.slice(0, 3).join(', ')}` }),
  message: z.string().meta({ description: 'For people: what happened, and what to do' }),
  since: z.iso.datetime(),
})
const destination = z.object({ name: z.string() })

/** What each type has besides `type`, `id`, `time` and `sequence`. */
const FIELDS: {
  [Type in DeliveryType]: { [Name in keyof FieldsOf<Type>]-?: z.ZodType<FieldsOf<Type>[Name]> }
} = {
  'recording.created': aboutRecording,
  'recording.rolling': { ...aboutRecording, repeated },
  'recording.unhealthy': {
    ...aboutRecording,
    ...why,
    repeated,
    final: z.boolean().meta({ description: 'No further attempt is made (`restart.final`)' }),
  },
  'recording.recovering': { ...aboutRecording, ...why, repeated },
  'recording.attempt_failed': { ...aboutRecording, ...why, attempt },
  'recording.restarted': { ...aboutRecording, ...why, from: attempt, to: attempt },
  'recording.rolled_over': { ...aboutRecording, ...why, from: attempt, to: attempt },
  'recording.paused': { ...aboutRecording, ...why },
  'recording.resumed': aboutRecording,
  'recording.stopped': { ...aboutRecording, ...why },
  'recording.failed': { ...aboutRecording, ...why },
  'recording.attention_raised': { ...aboutRecording, attention },
  'recording.attention_cleared': { ...aboutRecording, attention },
  'recording.files_added': {
    ...aboutRecording,
    files: z.array(z.object({ name: z.string(), attempt })),
    count: FILE_COUNT,
  },
  'page.note': {
    ...aboutRecording,
    attempt,
    note: z.unknown().meta({ description: "The page's own data, at most 1 KiB of JSON. Never trust it" }),
  },
  'supervisor.paused': why,
  'supervisor.resumed': why,
  'delivery.exhausted': { ...why, destination, delivery: z.object({ id: z.string(), type: z.string() }) },
  'delivery.recovered': { destination },
  'delivery.test': {},
}

const titleOf = (type: DeliveryType): string =>
  type
    .split(/[._]/)
    .map((word) => `${word[0]?.toUpperCase()}${word.slice(1)}`)
    .join('')

const schemaOf = (type: DeliveryType): z.ZodType<DeliveryBody> =>
  z
    .object({
      type: z.literal(type),
      id: z.string().meta({ description: 'The header `webhook-id`; the same in every try' }),
      time: z.iso.datetime().meta({ description: 'When it happened' }),
      ...FIELDS[type],
      sequence: z.int().min(1).meta({
        description:
          "Consecutive among this destination's deliveries of the recording, of those about none, or of tests; a gap means that one was given up",
      }),
    })
    .meta({ id: titleOf(type), description: DELIVERY_TYPES[type] }) as unknown as z.ZodType<DeliveryBody>

/** By type. Tolerates unknown fields: a later version may have written the body. */
export const DELIVERY_SCHEMAS: Readonly<Record<DeliveryType, z.ZodType<DeliveryBody>>> = Object.fromEntries(
  DELIVERY_TYPE_NAMES.map((type) => [type, schemaOf(type)]),
) as Record<DeliveryType, z.ZodType<DeliveryBody>>

/** A body is smaller than this, in bytes: Standard Webhooks asks for less than 20 kB. */
export const MAX_BODY_BYTES = 20_000
/** For the sequence, and what is around an announcement. */
const RESERVE_BYTES = 200

/**
 * The body without its sequence, as JSON. What is too long is left out: first the evidence, then the ends of messages and of the
 * list of files, and the labels last.
 */
export const writeBody = (announcement: Announcement, { id, time }: { id: string; time: string }): string => {
  const { type, ...fields } = announcement
  const write = (each: object): string => JSON.stringify({ type, id, time, ...each })
  const fits = (text: string): boolean => Buffer.byteLength(text) <= MAX_BODY_BYTES - RESERVE_BYTES
  const whole = write(fields)
  if (fits(whole)) return whole
  // A character has up to six bytes as JSON. What is left without messages, files and labels always fits.
  const steps = [Number.POSITIVE_INFINITY, 2000, 500, 100, 0]
  const shortened = steps.map((max) => write(shorten(fields, max)))
  return shortened.find(fits) ?? shortened.at(-1) ?? whole
}

/** @param max of the characters of a message; a hundredth of it is the number of files. Without any there are no labels */
const shorten = (fields: object, max: number): object => {
  const cut = <T extends { message: string }>(each: T): T => ({
    ...each,
    message: each.message.slice(0, max),
  })
  const {
    recording,
    reason,
    attention: raised,
    files,
  } = fields as {
    recording?: object
    reason?: { message: string } | null
    attention?: { message: string }
    files?: { name: string }[]
  }
  return {
    ...fields,
    ...(recording && max === 0 && { recording: { ...recording, labels: {} } }),
    ...(reason && { reason: cut({ ...reason, evidence: { omitted: 'too long' } }) }),
    ...(raised && { attention: cut(raised) }),
    ...(files && { files: files.slice(0, max / 100) }),
  }
}
