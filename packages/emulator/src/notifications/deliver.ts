import type { EmulatorClock, NotificationTarget } from '../types.ts'
import type { AgoraNotification } from './notification.ts'
import { signatureHeaders } from './signature.ts'

/** Agora's own limit (https://docs.agora.io/en/cloud-recording/develop/receive-notifications). */
export const ANSWER_TIMEOUT_MS = 10_000

export interface DeliverOptions {
  target: NotificationTarget
  clock: EmulatorClock
  /** Aborted when the emulator closes. */
  closing: AbortSignal
}

/**
 * Sends a notification once.
 *
 * @returns null if the receiver answered 200 with a JSON body within 10 s, else the reason for the failure
 */
export const deliver = async (
  notification: AgoraNotification,
  { target, clock, closing }: DeliverOptions,
): Promise<string | null> => {
  const timeout = new AbortController()
  const cancel = clock.after(ANSWER_TIMEOUT_MS, () => timeout.abort())
  const body = JSON.stringify({ ...notification, notifyMs: clock.now() })
  try {
    const response = await fetch(target.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...signatureHeaders(body, target.secret) },
      body,
      redirect: 'manual',
      signal: AbortSignal.any([timeout.signal, closing]),
    })
    const text = await response.text()
    if (response.status !== 200) return `answered ${response.status}`
    JSON.parse(text)
    return null
  } catch (error) {
    if (timeout.signal.aborted) return `no answer within ${ANSWER_TIMEOUT_MS / 1000} s`
    if (error instanceof SyntaxError) return 'answered 200 without a JSON body'
    const reason = error instanceof Error && error.cause instanceof Error ? error.cause.message : error
    return `unreachable: ${reason}`
  } finally {
    cancel()
  }
}
