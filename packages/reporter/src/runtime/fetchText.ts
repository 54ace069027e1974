/** Why there is no text. `message` has nothing that came from the address, and not the address, which may be secret. */
export class FetchTextError extends Error {
  override readonly name = 'FetchTextError'
}

const TIMEOUT_MS = 10_000
const MAX_LENGTH = 64 * 1024

/**
 * The body of an answer 200, at most 64 KiB, which has arrived within 10 s.
 * @throws {FetchTextError}
 */
export const fetchText = async (
  send: typeof fetch,
  url: string,
  init: Pick<RequestInit, 'method' | 'headers' | 'body'>,
): Promise<string> => {
  const signal = AbortSignal.timeout(TIMEOUT_MS)
  try {
    // Another host must not get the headers or the body.
    const response = await send(url, { ...init, redirect: 'error', signal })
    if (response.status !== 200) {
      // An unread body would hold its connection.
      await response.body?.cancel().catch(() => {})
      throw new FetchTextError(`the address answered HTTP ${response.status}`)
    }
    return await readText(response)
  } catch (error) {
    if (error instanceof FetchTextError) throw error
    if (signal.aborted) throw new FetchTextError(`no answer within ${TIMEOUT_MS / 1000} s`)
    throw new FetchTextError('the address could not be reached, or redirects')
  }
}

const readText = async (response: Response): Promise<string> => {
  const decoder = new TextDecoder()
  let body = ''
  for await (const chunk of response.body ?? []) {
    body += decoder.decode(chunk, { stream: true })
    if (body.length > MAX_LENGTH) throw new FetchTextError(`the answer is longer than ${MAX_LENGTH} bytes`)
  }
  return body
}
