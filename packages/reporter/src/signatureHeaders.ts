import { createHmac } from 'node:crypto'

/**
 * The headers of Standard Webhooks. During a rotation there are two secrets and two signatures: a receiver that knows either
 * secret accepts the request.
 * @see https://www.standardwebhooks.com
 * @param secrets `whsec_` and base64
 * @param seconds the time of the request, since the epoch
 */
export const signatureHeaders = (
  { id, seconds, body }: { id: string; seconds: number; body: string },
  secrets: readonly string[],
): Record<string, string> => ({
  'webhook-id': id,
  'webhook-timestamp': String(seconds),
  'webhook-signature': secrets
    .map((secret) => {
      const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64')
      return `v1,${createHmac('sha256', key).update(`${id}.${seconds}.${body}`).digest('base64')}`
    })
    .join(' '),
})
