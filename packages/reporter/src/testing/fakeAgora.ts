import { type CloudRecording, createCloudRecording, type LogEntry } from '@stillrolling/rest-core'
import type { Config } from '../config.ts'

export type Call = 'acquire' | 'start' | 'query' | 'stop' | 'update' | 'updateLayout'

/** A received request. */
export interface Sent {
  call: Call
  resourceId: string | undefined
  sid: string | undefined
  /** Undefined for an acquire. */
  mode: string | undefined
  body: unknown
}

export interface Answer {
  status: number
  json?: unknown
  /** The body as it is, for example a proxy's HTML, instead of `json`. */
  text?: string
}

/** Agora behind rest-core's `fetch`. It answers successfully unless a test decides otherwise. */
export interface FakeAgora {
  readonly client: CloudRecording
  readonly sent: readonly Sent[]
  /** The calls in order of arrival, e.g. `['acquire', 'start']`. */
  calls(): Call[]
  /** Sets the answers to the next calls of this kind, one each. */
  answer(call: Call, ...answers: Answer[]): void
  /** Sets the answer to all later calls of this kind. */
  always(call: Call, answer: Answer): void
  /** Delays the answer to the next call of this kind until `release`. */
  delayAnswer(call: Call): DelayedAnswer
  /** Lets the next wait between two tries last until it is aborted. Resolves when it has begun. */
  holdWait(): Promise<void>
  /** Calls `listener` with each request before it is answered. */
  onRequest(listener: (sent: Sent) => Promise<void>): void
}

export interface DelayedAnswer {
  /** Resolves when the call has arrived. */
  arrived: Promise<void>
  /** Sends the answer, by default a successful one. */
  release(answer?: Answer): void
}

const FILES: Readonly<Record<string, object>> = {
  web: {
    extensionServiceState: [
      { serviceName: 'web_recorder_service', payload: { fileList: [{ filename: 'playlist.m3u8' }] } },
    ],
  },
  mix: { fileListMode: 'string', fileList: 'playlist.m3u8' },
  individual: {
    fileListMode: 'json',
    fileList: [
      { fileName: 'audio.m3u8', uid: '11', trackType: 'audio' },
      { fileName: 'video.m3u8', uid: '11', trackType: 'video' },
    ],
  },
}

const inProgress = (mode = 'web'): Answer => ({
  status: 200,
  json: { serverResponse: { status: 5, ...FILES[mode] } },
})

type Step = () => Promise<Answer | undefined>

export const createFakeAgora = (
  { qps: _, ...account }: Config['agora'],
  log: (entry: LogEntry) => void,
  now: () => number,
): FakeAgora => {
  const sent: Sent[] = []
  const steps: Record<Call, Step[]> = {
    acquire: [],
    start: [],
    query: [],
    stop: [],
    update: [],
    updateLayout: [],
  }
  const rules = new Map<Call, Answer>()
  const held: (() => void)[] = []
  let listener: (sent: Sent) => Promise<void> = async () => {}
  const count = (call: Call): number => sent.filter((each) => each.call === call).length

  const successFor = ({ call, mode }: Sent): Answer => {
    if (call === 'acquire') return { status: 200, json: { resourceId: `resource${count(call)}` } }
    if (call === 'start') return { status: 200, json: { sid: `sid${count(call)}` } }
    return call === 'query' ? inProgress(mode) : { status: 200, json: { serverResponse: {} } }
  }

  const send = async (input: string | URL | Request, init?: RequestInit): Promise<Response> => {
    const request = readRequest(new URL(String(input)).pathname, init)
    sent.push(request)
    const standing = rules.get(request.call) ?? successFor(request)
    await listener(request)
    const answer = (await steps[request.call].shift()?.()) ?? standing
    return new Response(answer.text ?? JSON.stringify(answer.json), { status: answer.status })
  }

  /** Waits between tries take no time, and do not advance the reporter's clock. A call's deadline is never reached. */
  const sleep = async (ms: number, signal?: AbortSignal): Promise<void> => {
    const arrive = ms > LONGEST_BACKOFF_MS ? () => {} : held.shift()
    if (!arrive) return
    arrive()
    await new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason)))
  }

  return {
    client: withoutLongWaits(
      createCloudRecording({
        ...account,
        fetch: send,
        log,
        clock: { now, sleep },
      }),
    ),
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
    holdWait: () => new Promise((resolve) => held.push(resolve)),
    onRequest: (newListener) => {
      listener = newListener
    },
  }
}

/** A client waits no longer than this between two tries; a longer sleep is the limit of a call. */
const LONGEST_BACKOFF_MS = 60_000

/** Seconds. A wait between two refreshes of credentials is longer, and never ends; others take no time. */
const LONGEST_WAIT = 120

const withoutLongWaits = (client: CloudRecording): CloudRecording => ({
  ...client,
  wait: (seconds, signal) =>
    seconds <= LONGEST_WAIT
      ? client.wait(seconds, signal)
      : new Promise((_, reject) => {
          if (signal?.aborted) reject(signal.reason)
          signal?.addEventListener('abort', () => reject(signal.reason), { once: true })
        }),
})

const readRequest = (path: string, init: RequestInit | undefined): Sent => {
  const match =
    /cloud_recording(?:\/resourceid\/([^/]+))?(?:\/sid\/([^/]+))?(?:\/mode\/(web|mix|individual))?\/(acquire|start|query|stop|update|updateLayout)$/.exec(
      path,
    )
  const [, resourceId, sid, mode, call] = match ?? []
  if (!call) throw new Error(`The reporter called ${path}, which the fake Agora does not know`)
  const body: unknown = typeof init?.body === 'string' ? JSON.parse(init.body) : undefined
  return { call: call as Call, resourceId, sid, mode, body }
}
