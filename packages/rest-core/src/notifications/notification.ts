import {
  type Extra,
  id,
  isObject,
  number,
  object,
  objectOrEmpty,
  type Reader,
  schemaOf,
  text,
  textual,
} from '../answers/reader.ts'
import { describeIssues, type Issue, issuesOf } from '../issues.ts'
import { EVENTS, type EventDetails, type EventName } from './events.ts'

/** The fields that all messages of the notification service have. */
interface Envelope<Payload> extends Extra {
  /** The same in every delivery of one notification. Older senders call it `notificationId`. */
  noticeId?: string
  /** 3: Cloud Recording. */
  productId?: number
  eventType: number
  /** Unix time in milliseconds of this delivery; each retry has another one. */
  notifyMs?: number
  payload: Payload
}

interface Payload<Details> extends Extra {
  cname?: string
  /** A string or a number on the wire. After a failover it differs from that of the start. */
  uid?: string
  sid?: string
  /** Counts the notifications of one recording from 0. */
  sequence?: number
  /** Unix time in milliseconds of the event. */
  sendts?: number
  /** See {@link SERVICE_TYPES}. */
  serviceType?: number
  serviceScene?: 'rtc_record' | 'rtc_snapshot' | 'web_record' | (string & {})
  details: Details
}

type Known = { [Name in EventName]: Envelope<Payload<EventDetails[Name]>> & { name: Name } }[EventName]

/** A test message, or an event that this package does not know: everything in `details` is in their `extra`. */
export type OtherNotification = Envelope<Payload<Extra>> & { name: 'other' }

/**
 * A message about another product. The console has one webhook for all, and each wants the answer 200. Its `payload` is
 * as it came.
 */
export type ProductNotification = Envelope<unknown> & { name: 'otherProduct'; productId: number }

/** A notification of Cloud Recording, discriminated by `name`. */
export type RecordingNotification = Known | OtherNotification

/** One message of Agora's notification service, discriminated by `name`. */
export type Notification = RecordingNotification | ProductNotification

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

/** `productId` of Cloud Recording. A message without one is taken for one of its own. */
const CLOUD_RECORDING = 3

const envelope = {
  noticeId: { wire: ['noticeId', 'notificationId'], read: id },
  productId: number,
  eventType: number,
  notifyMs: number,
}

const asItCame: Reader<NonNullable<unknown>> = (raw) =>
  raw === undefined || raw === null ? { odd: raw } : { value: raw }

const envelopeSchema = schemaOf(object<Envelope<unknown>>({ ...envelope, payload: asItCame }, ['eventType']))

const payload = {
  cname: textual,
  uid: textual,
  sid: id,
  sequence: number,
  sendts: number,
  serviceType: number,
  serviceScene: text,
}

const readUnknown = objectOrEmpty<Extra>({})

/** The reader of a notification whose details `event` reads. */
const readerOf = (details: typeof readUnknown) =>
  object<Envelope<Payload<Extra>>>({
    ...envelope,
    payload: objectOrEmpty<Payload<Extra>>({ ...payload, details }),
  })

const READERS = new Map([...EVENTS].map(([eventType, { details }]) => [eventType, readerOf(details)]))
const readOther = readerOf(readUnknown)

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
 * @throws NotificationError if the value is no object with an `eventType`. Nothing else is refused: what has another
 * form than documented is in `extra`.
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
 * safeParseNotification({ event: 'stopped' }).success // => false
 */
export const safeParseNotification = (value: unknown): ParsedNotification => {
  const { data, error } = envelopeSchema.safeParse(value)
  if (error !== undefined) return { success: false, error: new NotificationError(issuesOf(error)) }
  const { productId = CLOUD_RECORDING, eventType } = data
  if (productId !== CLOUD_RECORDING) {
    return { success: true, notification: { ...data, productId, name: 'otherProduct' } }
  }
  const event = isTestMessage(value) ? undefined : EVENTS.get(eventType)
  const read = event === undefined ? readOther : READERS.get(eventType)
  // Reader and name are of the same event, which TypeScript cannot infer.
  const notification = { ...read?.(value).value, name: event?.name ?? 'other' } as Notification
  return { success: true, notification }
}

/**
 * Whether this is the test message by which Agora's console checks a webhook. It is signed like any other message and
 * needs the same answer, 200 with JSON, but belongs to no recording.
 *
 * @param value parsed JSON, or a {@link Notification}
 * @example
 * isTestMessage({ payload: { cname: 'test_webhook' } }) // => true
 */
export const isTestMessage = (value: unknown): boolean =>
  isObject(value) && isObject(value.payload) && value.payload.cname === 'test_webhook'
