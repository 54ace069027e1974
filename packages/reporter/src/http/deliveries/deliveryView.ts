import { z } from '@hono/zod-openapi'
import { iso, isoOrNull } from '../../isoTime.ts'
import { orNull } from '../../orNull.ts'
import {
  DELIVERY_STATES,
  type DeliveryState,
  type DeliveryTry,
  NO_RECORDING,
  type StoredDelivery,
  TESTS,
} from '../../store/deliveryOperations.ts'

/** A delivery as lists show it. */
export interface DeliverySummary {
  /** The header `webhook-id`. */
  id: string
  destination: string
  /** The recording's id; null if it is about none. */
  recording: string | null
  sequence: number
  type: string
  state: DeliveryState
  createdAt: string
  /** When it was written or, if it was sent again on request, then. */
  queuedAt: string
  redelivered: boolean
  /** Since it was queued. */
  tries: number
  /** When it was delivered or given up; null while it is pending. */
  endedAt: string | null
  lastTry: DeliveryTryView | null
}

/** A delivery with its body. */
export interface DeliveryView extends DeliverySummary {
  body: Record<string, unknown>
}

export interface DeliveryTryView extends Omit<DeliveryTry, 'at'> {
  at: string
}

const trySchema: z.ZodType<DeliveryTryView> = z
  .object({
    at: z.iso.datetime(),
    durationMs: z.int().openapi({ description: 'Until the answer, or until it failed' }),
    status: z.int().nullable().openapi({ description: "The answer's status; null without an answer" }),
    answer: z.string().nullable().openapi({ description: 'The first 1024 bytes of the answer' }),
    error: z.string().nullable().openapi({ description: 'Why it does not count as delivered' }),
  })
  .openapi('DeliveryTry')

const summaryShape = {
  id: z.string().openapi({ description: 'The header `webhook-id`' }),
  destination: z.string(),
  recording: z.string().nullable(),
  sequence: z.int(),
  type: z.string(),
  state: z.enum(DELIVERY_STATES),
  createdAt: z.iso.datetime(),
  queuedAt: z.iso.datetime(),
  redelivered: z.boolean(),
  tries: z.int(),
  endedAt: z.iso.datetime().nullable(),
  lastTry: orNull(trySchema),
}

export const deliverySummarySchema: z.ZodType<DeliverySummary> = z
  .object(summaryShape)
  .openapi('DeliverySummary')

export const deliveryViewSchema: z.ZodType<DeliveryView> = z
  .object({ ...summaryShape, body: z.record(z.string(), z.unknown()) })
  .openapi('Delivery')

export const summarizeDelivery = (delivery: StoredDelivery): DeliverySummary => {
  const { id, destination, recordingId, sequence, type, state, redelivered, tries } = delivery
  return {
    ...{
      id,
      destination,
      recording: recordingId === NO_RECORDING || recordingId === TESTS ? null : recordingId,
      sequence,
      type,
      state,
    },
    createdAt: iso(delivery.createdAt),
    queuedAt: iso(delivery.queuedAt),
    ...{ redelivered, tries },
    endedAt: isoOrNull(delivery.endedAt),
    lastTry: delivery.lastTry && { ...delivery.lastTry, at: iso(delivery.lastTry.at) },
  }
}

export const viewDelivery = (delivery: StoredDelivery): DeliveryView => ({
  ...summarizeDelivery(delivery),
  body: JSON.parse(delivery.body) as Record<string, unknown>,
})
