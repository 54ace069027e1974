import { createHash } from 'node:crypto'
import { z } from '@hono/zod-openapi'
import type { Store } from '../../store/store.ts'
import type { IdempotencyKey } from '../../store/types.ts'
import type { Time } from '../../supervisor/recording.ts'
import { Problem } from '../problem.ts'

/**
 * The header with which a request without an id can be sent again.
 * @see https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/
 */
export const idempotencyHeaders: z.ZodObject<{ 'idempotency-key': z.ZodOptional<z.ZodString> }> = z.object({
  'idempotency-key': z
    .string()
    .regex(/^[\x20-\x7e]{1,255}$/, { error: 'must have 1 to 255 printable ASCII characters' })
    .optional()
    .openapi({
      description:
        'A random text, the same for each try of a request: its tries make one recording. It is kept for 24 hours',
      example: '8e03978e-40d5-43dd-bc93-6894a57f9324',
    }),
})

/** What identifies a request: its body as JSON, whatever the order of the fields. */
export const hashOf = (body: unknown): string =>
  createHash('sha256')
    .update(JSON.stringify(sorted(body)))
    .digest('hex')

const sorted = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  // Pairs rather than an object, whose fields with numbers as names come first.
  return {
    fields: Object.entries(value)
      .toSorted(([one], [other]) => (one < other ? -1 : 1))
      .map(([name, each]) => [name, sorted(each)]),
  }
}

/**
 * @returns the id of the recording that an earlier try of the same request has created
 * @throws {Problem} 422 if the key is that of another request
 */
export const earlierTry = async (
  store: Pick<Store, 'loadIdempotencyKey'>,
  { key, requestHash }: Pick<IdempotencyKey, 'key' | 'requestHash'>,
  now: Time,
): Promise<string | undefined> => {
  const stored = await store.loadIdempotencyKey(key, now)
  if (!stored || stored.requestHash === requestHash) return stored?.recordingId
  throw new Problem(
    'idempotency_key_reused',
    `A different request has created the recording "${stored.recordingId}" with this Idempotency-Key. Send the same request again, or use another key.`,
  )
}
