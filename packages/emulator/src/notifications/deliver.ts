import { signNotification } from '@stillrolling/rest-core'
import type { EmulatorClock, NotificationTarget } from '../types.ts'
import type { AgoraNotification } from './notification.ts'

/** The receiver has this long to answer (Agora, "Webhooks"). */
export const ANSWER_TIMEOUT_MS = 10_000

/** Null if the receiver took it, else why that does not count: it has to answer 200 with a JSON body in time. */
export const deliver = async (
  notice: AgoraNotification,
  target: NotificationTarget,
  clock: EmulatorClock,
  closing: AbortSignal,
): Promise<string | null> => {
  const late = new AbortController()
  const cancel = clock.after(ANSWER_TIMEOUT_MS, () => late.abort())
  const body = JSON.stringify({ ...notice, notifyMs: clock.now() })
  try {
    const response = await fetch(target.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...signNotification(body, target.secret) },
      body,
      redirect: 'manual',
      signal: AbortSignal.any([late.signal, closing]),
    })
    const text = await response.text()
    if (response.status !== 200) return `answered ${response.status}`
    JSON.parse(text)
    return null
  } catch (error) {
    if (late.signal.aborted) return `no answer within ${ANSWER_TIMEOUT_MS / 1000} s`
    if (error instanceof SyntaxError) return 'answered 200 without a JSON body'
    return `not reached: ${error instanceof Error && error.cause instanceof Error ? error.cause.message : error}`
  } finally {
    cancel()
  }
}
