import { z } from 'zod'
import { numeric, textual, type UnknownFields } from '../answers/lenientSchemas.ts'
import { describeIssues, type Issue, issuesOf } from '../issues.ts'
import { EVENTS, type EventDetails, type EventName } from './events.ts'

/** The fields that all events have. */
type Envelope<Payload> = UnknownFields & {
  /** The same in every delivery of one notification. */
  noticeId: string
  /** 3: Cloud Recording. */
  productId?: number
  eventType: number
  /** Unix time in milliseconds of this delivery; each retry has another one. */
  notifyMs?: number
  payload: Payload
}

type Payload<Details> = UnknownFields & {
  cname: string
  /** A string or a number on the wire. After a failover it differs from that of the start. */
  uid: string
  sid: string
  /** Counts the notifications of one recording from 0. */
  sequence?: number
  /** Unix time in milliseconds of the event. */
  sendts?: number
  /** See {@link SERVICE_TYPES}. */
  serviceType?: number
  details: Details
}

type Known = { [Name in EventName]: Envelope<Payload<EventDetails[Name]>> & { name: Name } }[EventName]

/** A test message, or an event without a schema here: only the envelope is checked. */
export type OtherNotification = Envelope<Partial<Payload<UnknownFields>> & { details: UnknownFields }> & {
  name: 'other'
}

/** One message of Agora's notification service, discriminated by `name`. */
export type Notification = Known | OtherNotification

/** The notification of one event. */
export type NotificationOf<Name extends EventName> = Extract<Notification, { name: Name }>

/** The value is not a notification. Names each invalid field, and quotes no value. */
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
const detailsSchema: z.ZodType<UnknownFields> = z.looseObject({}).catch({}).default({})

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

/**
 * Reads a notification from parsed JSON. Check its signature first.
 *
 * @example
 * const payload = { cname: 'class42', uid: '900001', sid: 'sid1', details: { code: 4 } }
 * const notification = parseNotification({ noticeId: 'n1', eventType: 71, payload })
 * if (notification.name === 'web_recorder_stopped') {
 *   stopCodeName(notification.payload.details.code) // => 'page_load_timeout'
 * }
 *
 * @throws NotificationError if the value is not a notification
 */
export const parseNotification = (value: unknown): Notification => {
  const parsed = safeParseNotification(value)
  if (!parsed.success) throw parsed.error
  return parsed.notification
}

/**
 * Like {@link parseNotification}, but returns the error.
 *
 * @example
 * safeParseNotification({ eventType: 71 }).success // => false
 */
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
  // Schema and name are of the same event, which TypeScript cannot infer.
  const notification = { ...parsed.data, name: event?.name ?? 'other' } as Notification
  return { success: true, notification }
}

const testSchema = z.looseObject({ payload: z.looseObject({ cname: z.literal('test_webhook') }) })

/**
 * Whether this is the test message by which Agora's console checks a webhook. It is signed like any other message and
 * needs the same answer, 200 with JSON, but belongs to no recording.
 *
 * @param value parsed JSON, or a {@link Notification}
 * @example
 * isTestMessage({ payload: { cname: 'test_webhook' } }) // => true
 */
export const isTestMessage = (value: unknown): boolean => testSchema.safeParse(value).success

const failure = (error: z.ZodError): ParsedNotification => ({
  success: false,
  error: new NotificationError(issuesOf(error)),
})
