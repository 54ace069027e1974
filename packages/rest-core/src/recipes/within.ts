import type { CloudRecording } from '../client.ts'
import { paused } from './attempt.ts'

/**
 * Runs `work` with a signal that aborts with the caller's or after `seconds` on the client's clock, whichever
 * is first. The limit cuts off calls as well as waits: a host that does not answer must not stretch it. No
 * timer is left when `work` ends.
 */
export const within = async <Result>(
  client: Pick<CloudRecording, 'pause'>,
  seconds: number,
  signal: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> => {
  const limit = new AbortController()
  const done = new AbortController()
  const timer = paused(client, seconds, done.signal).then((over) => {
    if (over) limit.abort()
  })
  try {
    return await work(signal === undefined ? limit.signal : AbortSignal.any([signal, limit.signal]))
  } finally {
    done.abort()
    await timer
  }
}
