import { createHmac } from 'node:crypto'

/**
 * The signatures of a notification's raw body, as headers: HMAC with SHA-1, and in version 2 with SHA-256
 * (https://docs.agora.io/en/cloud-recording/develop/receive-notifications).
 */
export const signatureHeaders = (body: string, secret: string): Record<string, string> => {
  const digest = (algorithm: string): string => createHmac(algorithm, secret).update(body).digest('hex')
  return { 'Agora-Signature': digest('sha1'), 'Agora-Signature-V2': digest('sha256') }
}
