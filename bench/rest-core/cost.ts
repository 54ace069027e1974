import { fork } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import {
  type CloudRecording,
  createCloudRecording,
  createQuota,
  type StartRequest,
} from '@stillrolling/rest-core'
import { median } from '../figures.ts'

// Compares the same calls through the client and through plain fetch, against the same server. Short batches of both
// alternate, so that other load on the machine slows down both.

export interface CostOptions {
  /** Calls per run. @default 10000 */
  calls?: number
  /** Pairs of runs; the figures are their medians. @default 5 */
  runs?: number
  /** @default 10 */
  concurrency?: number
}

export interface Cost {
  calls: number
  runs: number
  concurrency: number
  /** A median of the runs, like all figures below except for the heap. */
  clientMs: number
  fetchMs: number
  ratio: number
  /** The ratio of this process's CPU time, which other processes do not affect. */
  cpuRatio: number
  /** CPU microseconds per call that the client adds. */
  addedCpuUs: number
  /** Bytes of heap after each of the client's runs and a garbage collection. */
  heaps: readonly number[]
  /** Bytes that the heap grew per call between the end of the first run and that of the last. */
  heapGrowthPerCall: number
}

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

const account = { appId: 'app1', customerId: 'customer', customerSecret: 'secret' }
const identity = { cname: 'class42', uid: '900001' }
const task = { resourceId: 'resource1', sid: 'sid1', mode: 'web' } as const
const clientRequest: StartRequest<'web'>['clientRequest'] = {
  storageConfig: { vendor: 1, region: 0, bucket: 'recordings', accessKey: 'key', secretKey: 'secret' },
  recordingFileConfig: { avFileType: ['hls', 'mp4'] },
  extensionServiceConfig: {
    errorHandlePolicy: 'error_abort',
    extensionServices: [
      {
        serviceName: 'web_recorder_service',
        errorHandlePolicy: 'error_abort',
        serviceParam: {
          url: 'https://app.example.com/room/42',
          audioProfile: 0,
          videoWidth: 1280,
          videoHeight: 720,
          maxRecordingHour: 3,
        },
      },
    ],
  },
}

type Send = (number: number) => Promise<unknown>

/** The calls of one recording: acquire, start, seven queries, stop. */
const callOf = (number: number): 'acquire' | 'start' | 'query' | 'stop' => {
  const place = number % 10
  if (place === 0) return 'acquire'
  if (place === 1) return 'start'
  return place === 9 ? 'stop' : 'query'
}

const acquire = { ...identity, clientRequest: { scene: 1, startParameter: clientRequest } } as const
const stopRequest = { async_stop: true }

const throughClient =
  (client: CloudRecording): Send =>
  (number) => {
    const call = callOf(number)
    if (call === 'acquire') return client.acquire(acquire)
    if (call === 'start') {
      return client.start({ ...identity, resourceId: task.resourceId, mode: 'web', clientRequest })
    }
    if (call === 'query') return client.query(task)
    return client.stop({ ...identity, ...task, clientRequest: stopRequest })
  }

/** The same requests with plain fetch: serialized and parsed, but not validated. */
const throughFetch = (base: string): Send => {
  const credentials = Buffer.from(`${account.customerId}:${account.customerSecret}`).toString('base64')
  const headers = {
    authorization: `Basic ${credentials}`,
    'content-type': 'application/json;charset=utf-8',
    accept: 'application/json',
  }
  const service = `${base}/v1/apps/${account.appId}/cloud_recording`
  const resource = `${service}/resourceid/${task.resourceId}`
  const running = `${resource}/sid/${task.sid}/mode/web`
  const post = async (url: string, body: object): Promise<unknown> => {
    const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })
    return response.json()
  }
  return async (number) => {
    const call = callOf(number)
    if (call === 'acquire') return post(`${service}/acquire`, acquire)
    if (call === 'start') return post(`${resource}/mode/web/start`, { ...identity, clientRequest })
    if (call === 'stop') return post(`${running}/stop`, { ...identity, clientRequest: stopRequest })
    return (await fetch(`${running}/query`, { headers })).json()
  }
}

/** Milliseconds of wall time and of this process's CPU time. */
interface Duration {
  wallMs: number
  cpuMs: number
}

/** Sends calls `from` to `to - 1`, `concurrency` at a time. */
const timed = async (send: Send, from: number, to: number, concurrency: number): Promise<Duration> => {
  const cpu = process.cpuUsage()
  const startedAt = performance.now()
  let next = from
  const worker = async (): Promise<void> => {
    while (next < to) await send(next++)
  }
  await Promise.all(Array.from({ length: concurrency }, worker))
  const { user, system } = process.cpuUsage(cpu)
  return { wallMs: performance.now() - startedAt, cpuMs: (user + system) / 1000 }
}

/** Calls per batch: some tens of milliseconds. */
const BATCH = 200

/** One run of both in alternating batches. The order changes each time, because the first affects the second. */
const runAlternating = async (
  client: Send,
  bare: Send,
  calls: number,
  concurrency: number,
): Promise<[Duration, Duration]> => {
  const durations = new Map<Send, Duration>()
  for (let from = 0, flip = false; from < calls; from += BATCH, flip = !flip) {
    for (const send of flip ? [bare, client] : [client, bare]) {
      const { wallMs, cpuMs } = await timed(send, from, Math.min(from + BATCH, calls), concurrency)
      const sum = durations.get(send) ?? { wallMs: 0, cpuMs: 0 }
      durations.set(send, { wallMs: sum.wallMs + wallMs, cpuMs: sum.cpuMs + cpuMs })
    }
  }
  const nothing = { wallMs: Number.NaN, cpuMs: Number.NaN }
  return [durations.get(client) ?? nothing, durations.get(bare) ?? nothing]
}

const heapAfterCollection = async (): Promise<number> => {
  // Twice, because what finalizers release is collected the second time.
  collectGarbage()
  await sleep(50)
  collectGarbage()
  return process.memoryUsage().heapUsed
}

/** Measures after a warm-up run, and prints a JSON line for each run and one for the result. */
export const measureCost = async (
  { calls = 10_000, runs = 5, concurrency = 10 }: CostOptions = {},
  print: (line: object) => void = (line) => console.log(JSON.stringify(line)),
): Promise<Cost> => {
  const server = fork(new URL('./answeringServer.ts', import.meta.url))
  try {
    const [url] = (await once(server, 'message')) as [string]
    // The quota counts, but allows more than this machine can send.
    const quota = createQuota({ perSecond: 10_000 })
    const client = throughClient(createCloudRecording({ ...account, baseUrls: [url], quota }))
    const bare = throughFetch(url)
    const pairs: [Duration, Duration][] = []
    const heaps: number[] = []
    await runAlternating(client, bare, calls, concurrency)
    for (let run = 1; run <= runs; run++) {
      const pair = await runAlternating(client, bare, calls, concurrency)
      const heap = await heapAfterCollection()
      pairs.push(pair)
      heaps.push(heap)
      print({ bench: 'rest-core/cost', run, client: pair[0], fetch: pair[1], heap })
    }
    const cost: Cost = {
      calls,
      runs,
      concurrency,
      clientMs: median(pairs.map(([through]) => through.wallMs)),
      fetchMs: median(pairs.map(([, by]) => by.wallMs)),
      ratio: median(pairs.map(([through, by]) => through.wallMs / by.wallMs)),
      cpuRatio: median(pairs.map(([through, by]) => through.cpuMs / by.cpuMs)),
      addedCpuUs: (median(pairs.map(([through, by]) => through.cpuMs - by.cpuMs)) * 1000) / calls,
      heaps,
      heapGrowthPerCall: ((heaps.at(-1) ?? 0) - (heaps[0] ?? 0)) / (calls * (runs - 1)),
    }
    print({ bench: 'rest-core/cost', result: cost })
    return cost
  } finally {
    server.disconnect()
  }
}
