import { errorOf, StillrollingError } from './errors.ts'
import { linkSignals } from './linkSignals.ts'

/** A request to the reporter. */
export interface Sent {
  method: string
  /** The path and the query. */
  target: string
  headers: Record<string, string>
  body?: string
}

export interface TryOptions<Result> {
  url: string
  fetch: typeof fetch
  /** Seconds. */
  timeout: number
  signal: AbortSignal
  /** Reads the answer within the timeout. */
  read(response: Response): Promise<Result>
  /** Whether an answer is no error; by default those with 2xx are not. */
  accepts?: (response: Response) => boolean
}

/**
 * Sends a request once.
 * @throws {StillrollingError}
 * @throws the reason of a signal that ended it
 */
export const tryOnce = async <Result>(
  { method, target, headers, body }: Sent,
  { url, fetch, timeout, signal, read, accepts = ({ ok }) => ok }: TryOptions<Result>,
): Promise<Result> => {
  const what = `${method} ${target.split('?')[0]}`
  const timedOut = new StillrollingError({
    code: 'timed_out',
    detail: `${what} was not answered within ${timeout} s.`,
  })
  const timeoutController = new AbortController()
  const timer = setTimeout(() => timeoutController.abort(timedOut), timeout * 1000)
  // Not unlinked: the body of an answer may be read after the try, and ends with the signal too, which is of this call alone.
  const both = linkSignals([signal, timeoutController.signal]).signal
  try {
    // A redirect would lead a POST, or the key, elsewhere.
    const init: RequestInit = { method, headers, body, signal: both, redirect: 'manual' }
    const response = await fetch(`${url}${target}`, init)
    if (!accepts(response)) throw await errorOf(response, what)
    return await read(response)
  } catch (error) {
    if (both.aborted) throw both.reason
    if (error instanceof StillrollingError) throw error
    throw failed(error, what)
  } finally {
    clearTimeout(timer)
  }
}

const failed = (error: unknown, what: string): StillrollingError => {
  if (error instanceof SyntaxError) {
    return new StillrollingError({
      code: 'unexpected_answer',
      detail: `${what} was answered without JSON.`,
      cause: error,
    })
  }
  return new StillrollingError({
    code: 'connection_failed',
    detail: `${what} was not answered: ${messageOf(error)}`,
    cause: error,
  })
}

const messageOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error)
  const { cause } = error
  return cause instanceof Error ? `${error.message}, ${cause.message}` : error.message
}
