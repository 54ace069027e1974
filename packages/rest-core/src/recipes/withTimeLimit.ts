import type { CloudRecording } from '../cloudRecording.ts'
import { waitUnlessAborted } from './waitUnlessAborted.ts'

/**
 * Runs `work` with a signal that aborts with the caller's signal or after `seconds` on the client's clock, whichever
 * comes first. The limit cuts off calls as well as waits: a host that does not answer must not extend it. No timer is
 * left when `work` ends.
 */
export const withTimeLimit = async <Result>(
  client: Pick<CloudRecording, 'wait'>,
  { seconds, signal }: { seconds: number; signal?: AbortSignal },
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> => {
  const limit = new AbortController()
  const done = new AbortController()
  const timer = waitUnlessAborted(client, seconds, done.signal).then((expired) => {
    if (expired) limit.abort()
  })
  try {
    return await work(signal === undefined ? limit.signal : AbortSignal.any([signal, limit.signal]))
  } finally {
    done.abort()
    await timer
  }
}
