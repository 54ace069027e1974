/** One step of a script: a JSON answer, a raw body, or what `fetch` throws. */
export type Step =
  | { status: number; json: unknown; headers?: Record<string, string> }
  | { status: number; text: string; headers?: Record<string, string> }
  | { thrown: unknown }

export interface SentRequest {
  method: string
  url: string
  headers: Record<string, string>
  /** The parsed JSON body; undefined without a body. */
  body: unknown
}

export type ScriptedFetch = typeof fetch & { readonly sent: readonly SentRequest[] }

/** A `fetch` that answers with one step after the other, and fails if there are no more. */
export const scriptedFetch = (...script: Step[]): ScriptedFetch => {
  const sent: SentRequest[] = []
  const send = async (input: string | URL | Request, init?: RequestInit): Promise<Response> => {
    const step = script[sent.length]
    const { body } = init ?? {}
    sent.push({
      method: init?.method ?? 'GET',
      url: String(input),
      headers: Object.fromEntries(new Headers(init?.headers)),
      body: typeof body === 'string' ? JSON.parse(body) : undefined,
    })
    if (step === undefined) throw new Error(`the script has no answer to request ${sent.length}`)
    if ('thrown' in step) throw step.thrown
    const text = 'text' in step ? step.text : JSON.stringify(step.json)
    return new Response(text, { status: step.status, headers: step.headers })
  }
  return Object.assign(send, { sent })
}

/** The error that undici throws: a TypeError with the system's error as its cause. */
export const fetchFailed = (code: string): TypeError =>
  new TypeError('fetch failed', { cause: Object.assign(new Error(`connect ${code}`), { code }) })
