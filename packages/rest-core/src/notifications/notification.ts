import { z } from 'zod'
import { numeric, textual } from '../answers/lenientSchemas.ts'
import { describeIssues, type Issue, issuesOf } from '../issues.ts'
import { EVENTS, type EventDetails, type EventName } from './events.ts'

interface Unknown {
  readonly [field: string]: unknown
}

/** Around the details, the same for all events. */
type Envelope<Payload> = Unknown & {
  /** The same in every delivery of one notification. */
  noticeId: string
  /** 3: Cloud Recording. */
  productId?: number
  eventType: number
  /** Unix time in ms of this delivery; another one at each resend. */
  notifyMs?: number
  payload: Payload
}

type Payload<Details> = Unknown & {
  cname: string
  /** A string or a number on the wire; after a failover another one than was started. */
  uid: string
  sid: string
  /** Counts the notifications of one recording from 0. */
  sequence?: number
  /** Unix time in ms of the event. */
  sendts?: number
  /** See {@link serviceTypes}. */
  serviceType?: number
  details: Details
}

type Known = { [Name in EventName]: Envelope<Payload<EventDetails[Name]>> & { name: Name } }[EventName]

/** An event that has no schema here, or a check message: nothing is promised but the envelope. */
export type OtherNotification = Envelope<Partial<Payload<Unknown>> & { details: Unknown }> & { name: 'other' }

/** One message of Agora's notification service. Tell them apart by `name`. */
export type Notification = Known | OtherNotification

/** The notification of one event. */
export type NotificationOf<Name extends EventName> = Extract<Notification, { name: Name }>

/** The value is not a notification: says what is wrong with which field, and echoes no value. */
export class NotificationError extends Error {
  readonly issues: readonly Issue[]

  constructor(issues: readonly Issue[]) {
    super(`Not a notification: ${describeIssues(issues)}`)
    this.name = 'NotificationError'
    this.issues = issues
  }
}

export type ParsedNotification =
  | { success: true; notification: Notification }
  | { success: false; error: NotificationError }

const number = numeric.optional().catch(undefined)
const detailsSchema: z.ZodType<Unknown> = z.looseObject({}).catch({}).default({})

const identity = { cname: z.string(), uid: textual, sid: z.string().min(1) }
const rest = { sequence: number, sendts: number, serviceType: number }

const envelope = {
  noticeId: z.string().min(1),
  productId: number,
  eventType: z.int(),
  notifyMs: number,
}

const envelopeSchema = z.looseObject(envelope)

const otherSchema = z.looseObject({
  ...envelope,
  payload: z.looseObject({
    cname: z.string().optional().catch(undefined),
    uid: textual.optional().catch(undefined),
    sid: z.string().optional().catch(undefined),
    ...rest,
    details: detailsSchema,
  }),
})

/** Reads a notification's parsed JSON, or throws a {@link NotificationError}. Check the signature first. */
export const parseNotification = (value: unknown): Notification => {
  const parsed = safeParseNotification(value)
  if (!parsed.success) throw parsed.error
  return parsed.notification
}

/** {@link parseNotification} without throwing. */
export const safeParseNotification = (value: unknown): ParsedNotification => {
  const { data, error } = envelopeSchema.safeParse(value)
  if (error !== undefined) return failure(error)
  const event = isTestMessage(value) ? undefined : EVENTS.get(data.eventType)
  const schema =
    event === undefined
      ? otherSchema
      : z.looseObject({
          ...envelope,
          payload: z.looseObject({ ...identity, ...rest, details: event.details }),
        })
  const parsed = schema.safeParse(value)
  if (!parsed.success) return failure(parsed.error)
  // The schema was chosen by the event, and the name by the same row: TypeScript cannot see that they agree.
  const notification = { ...parsed.data, name: event?.name ?? 'other' } as Notification
  return { success: true, notification }
}

const testSchema = z.looseObject({ payload: z.looseObject({ cname: z.literal('test_webhook') }) })

/**
 * Whether this is the made-up message that Agora's console sends to check a webhook. It is signed like any
 * other and wants the same 200 with JSON; it belongs to no recording. It comes parsed or not yet parsed.
 */
export const isTestMessage = (value: unknown): boolean => testSchema.safeParse(value).success

const failure = (error: z.ZodError): ParsedNotification => ({
  success: false,
  error: new NotificationError(issuesOf(error)),
})
