import { type CloudRecording, createCloudRecording, type LogEntry } from '@stillrolling/rest-core'
import type { Config } from '../config.ts'

export type Call = 'acquire' | 'start' | 'query' | 'stop' | 'update'

/** A request as it reached Agora. */
export interface Sent {
  call: Call
  resourceId: string | undefined
  sid: string | undefined
  body: unknown
}

export interface Answer {
  status: number
  json: unknown
}

/** Agora at the other end of rest-core's `fetch`: answers well unless a test says otherwise. */
export interface FakeAgora {
  readonly client: CloudRecording
  readonly sent: readonly Sent[]
  /** Calls in the order they came, e.g. `['acquire', 'start']`. */
  calls(): Call[]
  /** The next call of this kind is answered so; several answers are used one after the other. */
  answer(call: Call, ...answers: Answer[]): void
  /** From now on every call of this kind is answered so. */
  always(call: Call, answer: Answer): void
  /** The next call of this kind is not answered before `release`. */
  delayAnswer(call: Call): DelayedAnswer
  /** Sees each request before it is answered. */
  onRequest(look: (sent: Sent) => Promise<void>): void
}

export interface DelayedAnswer {
  /** Resolves when the call has come in. */
  arrived: Promise<void>
  /** Lets Agora answer, well unless given another answer. */
  release(answer?: Answer): void
}

const status = (value: number): Answer => ({
  status: 200,
  json: { serverResponse: { status: value, extensionServiceState: [] } },
})

type Step = () => Promise<Answer | undefined>

export const createFakeAgora = (
  config: Config['agora'],
  log: (entry: LogEntry) => void,
  now: () => number,
): FakeAgora => {
  const sent: Sent[] = []
  const steps: Record<Call, Step[]> = { acquire: [], start: [], query: [], stop: [], update: [] }
  const rules = new Map<Call, Answer>()
  let look: (sent: Sent) => Promise<void> = async () => {}
  const count = (call: Call): number => sent.filter((each) => each.call === call).length

  const good = (call: Call): Answer => {
    if (call === 'acquire') return { status: 200, json: { resourceId: `resource${count(call)}` } }
    if (call === 'start') return { status: 200, json: { sid: `sid${count(call)}` } }
    return call === 'query' ? status(5) : { status: 200, json: { serverResponse: {} } }
  }

  const send = async (input: string | URL | Request, init?: RequestInit): Promise<Response> => {
    const request = readRequest(new URL(String(input)).pathname, init)
    sent.push(request)
    const usual = rules.get(request.call) ?? good(request.call)
    await look(request)
    const answer = (await steps[request.call].shift()?.()) ?? usual
    return new Response(JSON.stringify(answer.json), { status: answer.status })
  }

  return {
    client: createCloudRecording({
      ...config,
      fetch: send,
      log,
      // The waits between tries take no time, and do not move the reporter's clock.
      clock: { now, sleep: async () => {} },
    }),
    sent,
    calls: () => sent.map(({ call }) => call),
    answer: (call, ...answers) => {
      for (const answer of answers) steps[call].push(async () => answer)
    },
    always: (call, answer) => {
      rules.set(call, answer)
    },
    delayAnswer: (call) => {
      const arrival = Promise.withResolvers<void>()
      const departure = Promise.withResolvers<Answer | undefined>()
      steps[call].push(() => {
        arrival.resolve()
        return departure.promise
      })
      return { arrived: arrival.promise, release: (answer) => departure.resolve(answer) }
    },
    onRequest: (watcher) => {
      look = watcher
    },
  }
}

const readRequest = (path: string, init: RequestInit | undefined): Sent => {
  const match =
    /cloud_recording(?:\/resourceid\/([^/]+))?(?:\/sid\/([^/]+))?(?:\/mode\/web)?\/(acquire|start|query|stop|update)$/.exec(
      path,
    )
  const [, resourceId, sid, call] = match ?? []
  if (!call) throw new Error(`The reporter called ${path}, which the fake Agora does not know`)
  const body: unknown = typeof init?.body === 'string' ? JSON.parse(init.body) : undefined
  return { call: call as Call, resourceId, sid, body }
}
