/** A request that a test's server got. */
export interface Got {
  method: string
  path: string
  query: string
  headers: Headers
  body: unknown
}

type Answer = Response | Error | 'silence'

export interface Server {
  fetch: typeof fetch
  got: Got[]
}

/** In place of a reporter: answers one after the other, the last one from then on. */
export const createServer = (...answers: (Answer | (() => Answer))[]): Server => {
  const got: Got[] = []
  const answer: typeof fetch = async (input, init = {}) => {
    const request = new Request(input, init)
    const { pathname, search } = new URL(request.url)
    const text = await request.text()
    got.push({
      method: request.method,
      path: pathname,
      query: search,
      headers: request.headers,
      body: text === '' ? undefined : JSON.parse(text),
    })
    const next = answers.length > 1 ? answers.shift() : answers[0]
    const given = typeof next === 'function' ? next() : next
    if (given instanceof Error) throw given
    if (given instanceof Response) return typeof next === 'function' ? given : given.clone()
    return new Promise((_, reject) => {
      if (init.signal?.aborted) reject(init.signal.reason)
      init.signal?.addEventListener('abort', () => reject(init.signal?.reason), { once: true })
    })
  }
  return { fetch: answer, got }
}

export const json = (body: unknown, status = 200, headers: Record<string, string> = {}): Response =>
  new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json', ...headers } })

export const problem = (status: number, code: string, headers: Record<string, string> = {}): Response =>
  json({ type: 'urn:x', title: 'x', status, code, detail: `It is ${code}.` }, status, {
    'content-type': 'application/problem+json',
    ...headers,
  })
