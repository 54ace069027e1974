import type { ClientOptions, Perform } from './call.ts'
import { StillrollingError } from './errors.ts'
import { linkSignals } from './linkSignals.ts'
import { readBlocks } from './readEvents.ts'
import { sleep } from './sleep.ts'
import type { CallOptions } from './types.ts'

export interface StreamRequest {
  target: string
  headers: Record<string, string>
  options: CallOptions
}

/** The reporter sends a heartbeat every 15 s. */
const IDLE_TIMEOUT_MS = 45_000
/** Before it names one. */
const RETRY_MS = 2000
const LAST_ID = 'last-event-id'

/**
 * Follows a stream of server-sent events without an end: where it ends or breaks, it is requested again with the last id, so
 * that nothing is missed and nothing comes twice. Whatever the reporter refuses for good ends it.
 */
export async function* followStream(
  perform: Perform,
  client: Pick<ClientOptions, 'signal'>,
  { target, headers, options }: StreamRequest,
): AsyncGenerator<unknown> {
  const { signal, unlink } = linkSignals([client.signal, options.signal])
  const { retries = Number.POSITIVE_INFINITY, timeout } = options
  let last = headers[LAST_ID]
  let retryMs = RETRY_MS
  try {
    for (;;) {
      const sent = { ...headers, accept: 'text/event-stream', ...(last !== undefined && { [LAST_ID]: last }) }
      const body = await perform({
        sent: { method: 'GET', target, headers: sent },
        idempotent: true,
        signal,
        options: { retries, timeout },
        read: streamIn,
      })
      try {
        for await (const { id, data, retry = retryMs } of readBlocks(body, IDLE_TIMEOUT_MS)) {
          last = id ?? last
          retryMs = retry
          if (data !== undefined) yield JSON.parse(data)
        }
      } catch (error) {
        signal.throwIfAborted()
        if (error instanceof SyntaxError || error instanceof RangeError)
          throw unexpected(error.message, error)
      }
      await sleep(retryMs, signal)
    }
  } finally {
    unlink()
  }
}

const streamIn = async ({ headers, body }: Response): Promise<ReadableStream<Uint8Array>> => {
  const type = headers.get('content-type') ?? ''
  if (body && type.startsWith('text/event-stream')) return body
  throw unexpected(`The answer is ${type || 'empty'}, and not a stream of events.`)
}

const unexpected = (detail: string, cause?: unknown): StillrollingError =>
  new StillrollingError({ code: 'unexpected_answer', detail, cause })
