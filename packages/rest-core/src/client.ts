import { z } from 'zod'
import {
  type AcquireAnswer,
  acquireAnswerSchema,
  notificationServersSchema,
  type QueryAnswer,
  queryAnswerSchema,
  type StartAnswer,
  type StartReply,
  type StopAnswer,
  startAnswerSchema,
  stopAnswerSchema,
  type UpdateAnswer,
  updateAnswerSchema,
} from './answers/answers.ts'
import type { Clock } from './clock.ts'
import { describeIssues } from './issues.ts'
import type { LogEntry } from './log.ts'
import { settingsOf } from './options.ts'
import { performCall } from './performCall.ts'
import type { Quota } from './quota/quota.ts'
import { adviceOn } from './requests/advice.ts'
import {
  type AcquireRequest,
  type Area,
  acquireRequestSchema,
  type QueryRequest,
  queryRequestSchema,
  type StartRequest,
  type StopRequest,
  startRequestSchema,
  stopRequestSchema,
  type UpdateLayoutRequest,
  type UpdateRequest,
  updateLayoutRequestSchema,
  updateRequestSchema,
} from './requests/calls.ts'
import type { Mode } from './requests/identity.ts'
import { type CallSchemas, guarded } from './tryOnce.ts'

export interface CloudRecordingOptions {
  appId: string
  customerId: string
  customerSecret: string
  /** Where this client runs, so which of Agora's hosts are near. Without it no adjacent region is tried. */
  area?: Area
  /** Instead of Agora's own hosts, e.g. `['http://127.0.0.1:4100']`; tried in this order, one try each. */
  baseUrls?: readonly string[]
  /** Requests per second of the App ID. Default: 10 for this client alone; share one between clients. */
  quota?: Quota
  fetch?: typeof fetch
  /** For waits, deadlines and time stamps. Time-outs of requests run on real timers. */
  clock?: Clock
  /** For jitter: from 0 to below 1. Default `Math.random`. */
  random?: () => number
  /** Every documented wait is multiplied by this. Default 1; below 1 only against an emulator. */
  backoffScale?: number
  /** Seconds for one try, from connecting to the last byte of the body. Default 10. */
  timeout?: number
  /**
   * Seconds for one call with all its tries, the waits between them and in the quota's queue. Default 90,
   * up to 3600: four tries of 10 s, the waits between them, and 38 s in the queue.
   */
  deadline?: number
  log?: (entry: LogEntry) => void
}

export interface CallOptions {
  signal?: AbortSignal
  /** Seconds for one try, instead of the client's. */
  timeout?: number
  /** Seconds for the call with all its tries and waits, instead of the client's. */
  deadline?: number
  /**
   * Asked right before each try, after its wait: what was learned meanwhile may have settled the matter. `false`: it is
   * not sent, and the call rejects as if it had been aborted. If it rejects, the call rejects with the same.
   */
  mayTry?: () => Promise<boolean>
}

type ChannelMode = Exclude<Mode, 'web'>

/** Each call rejects with a {@link CloudRecordingError} and nothing else, but for what the caller's `mayTry` throws. */
export interface CloudRecording {
  /** Reserves a resource: good for one recording, for five minutes; start within two seconds. */
  acquire(request: AcquireRequest, options?: CallOptions): Promise<AcquireAnswer>
  /** Starts. If it rejects, read `error.outcome` before starting anything again. */
  start(request: StartRequest, options?: CallOptions): Promise<StartAnswer>
  query(request: QueryRequest<'web'>, options?: CallOptions): Promise<QueryAnswer<'web'>>
  query(request: QueryRequest<ChannelMode>, options?: CallOptions): Promise<QueryAnswer<ChannelMode>>
  /** For a mode that is only known at run time: the answer has the files of every mode. */
  query(request: QueryRequest, options?: CallOptions): Promise<QueryAnswer>
  /** Wait for one update's answer before the next. */
  update(request: UpdateRequest, options?: CallOptions): Promise<UpdateAnswer>
  /** Composite mode only. It replaces the whole layout: what is left out falls back to its default. */
  updateLayout(request: UpdateLayoutRequest, options?: CallOptions): Promise<UpdateAnswer>
  stop(request: StopRequest<'web'>, options?: CallOptions): Promise<StopAnswer<'web'>>
  stop(request: StopRequest<ChannelMode>, options?: CallOptions): Promise<StopAnswer<ChannelMode>>
  stop(request: StopRequest, options?: CallOptions): Promise<StopAnswer>
  /**
   * The IP addresses that notifications come from, for a firewall's allow-list; at least one. Agora changes
   * them: ask again at least every 24 hours.
   */
  notificationServers(options?: CallOptions): Promise<string[]>
  /** Waits `seconds` times `backoffScale` on the client's clock: what recipes wait with. */
  pause(seconds: number, signal?: AbortSignal): Promise<void>
  /** The client's clock, in milliseconds since the Unix epoch: what recipes tell the age of things by. */
  now(): number
}

/**
 * A client of Agora's Cloud Recording REST API.
 *
 * @example
 * const client = createCloudRecording({ appId, customerId, customerSecret, area: 'EU' })
 * const { resourceId } = await client.acquire({ cname: 'class42', uid: '900001', clientRequest: { scene: 1 } })
 *
 * @throws InvalidOptionsError naming every wrong option
 */
export const createCloudRecording = (options: CloudRecordingOptions): CloudRecording => {
  const settings = settingsOf(options)
  const advise = adviser(settings.log)
  return {
    acquire: (request, how) => performCall(settings, schemas.acquire, request, how),
    start: async (request, how) => {
      advise(request)
      const answer = await performCall(settings, schemas.start, request, how)
      return { ...answer, resourceId: answer.resourceId ?? request.resourceId }
    },
    query: (request: QueryRequest, how?: CallOptions) => performCall(settings, schemas.query, request, how),
    update: (request, how) => performCall(settings, schemas.update, request, how),
    updateLayout: (request, how) => performCall(settings, schemas.updateLayout, request, how),
    stop: (request: StopRequest, how?: CallOptions) => performCall(settings, schemas.stop, request, how),
    notificationServers: (how) => performCall(settings, schemas.notificationServers, {}, how),
    pause: (seconds, signal) => settings.clock.sleep(seconds * settings.backoffScale * 1000, signal),
    now: () => settings.clock.now(),
  }
}

/** Tells the log what Agora advises against, once for each request: recipes send the same one again. */
const adviser = (log: (entry: LogEntry) => void): ((request: StartRequest) => void) => {
  const told = new WeakSet<StartRequest['clientRequest']>()
  return (request) => {
    // Not checked yet: there may be no request at all.
    const clientRequest = request?.clientRequest
    const advice = adviceOn(clientRequest)
    if (advice.length === 0 || told.has(clientRequest)) return
    told.add(clientRequest)
    guarded(log, { level: 'warn', message: `start: ${describeIssues(advice)}`, call: 'start', advice })
  }
}

const schemas: {
  acquire: CallSchemas<'acquire', AcquireAnswer>
  start: CallSchemas<'start', StartReply>
  query: CallSchemas<'query', QueryAnswer>
  update: CallSchemas<'update', UpdateAnswer>
  updateLayout: CallSchemas<'updateLayout', UpdateAnswer>
  stop: CallSchemas<'stop', StopAnswer>
  notificationServers: CallSchemas<'notificationServers', string[]>
} = {
  acquire: { name: 'acquire', request: acquireRequestSchema, answer: acquireAnswerSchema },
  start: { name: 'start', request: startRequestSchema, answer: startAnswerSchema },
  query: { name: 'query', request: queryRequestSchema, answer: queryAnswerSchema },
  update: { name: 'update', request: updateRequestSchema, answer: updateAnswerSchema },
  updateLayout: { name: 'updateLayout', request: updateLayoutRequestSchema, answer: updateAnswerSchema },
  stop: { name: 'stop', request: stopRequestSchema, answer: stopAnswerSchema },
  notificationServers: {
    name: 'notificationServers',
    request: z.strictObject({}),
    answer: notificationServersSchema,
  },
}
