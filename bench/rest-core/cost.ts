import { fork } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  type CloudRecording,
  createCloudRecording,
  createQuota,
  type StartRequest,
} from '@stillrolling/rest-core'
import { median } from '../figures.ts'

// What the client costs: the same calls through it and by bare fetch, against the same server, in short turns,
// so that whatever else the machine does slows down both. Each line of output is one JSON object.

/** `calls`: how many calls one run makes; `runs`: how many pairs of runs the medians are of. */
export interface CostOptions {
  calls?: number
  runs?: number
  concurrency?: number
}

export interface Cost {
  calls: number
  runs: number
  concurrency: number
  /** Median of the runs, as are all below. */
  clientMs: number
  fetchMs: number
  ratio: number
  /** The same for this process's CPU time, which other processes do not disturb. */
  cpuRatio: number
  /** CPU microseconds per call that the client adds. */
  addedCpuUs: number
  /** Bytes of heap after a collection: after each of the client's runs. */
  heaps: readonly number[]
  /** Bytes that the heap grew per call, from the end of the first run to the end of the last. */
  heapGrowthPerCall: number
}

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

/** A recording's life in calls: acquire, start, seven queries, stop. */
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

/** The same requests as one would write them by hand: body printed, answer parsed, nothing checked. */
const byFetch = (base: string): Send => {
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

/** Milliseconds on the wall and of this process's CPU. */
interface Spent {
  wallMs: number
  cpuMs: number
}

/** Calls number `from` to below `to`, `concurrency` at a time. */
const timed = async (send: Send, from: number, to: number, concurrency: number): Promise<Spent> => {
  const cpu = process.cpuUsage()
  const begun = performance.now()
  let next = from
  const worker = async (): Promise<void> => {
    while (next < to) await send(next++)
  }
  await Promise.all(Array.from({ length: concurrency }, worker))
  const { user, system } = process.cpuUsage(cpu)
  return { wallMs: performance.now() - begun, cpuMs: (user + system) / 1000 }
}

/** Calls per turn: some tens of milliseconds. */
const TURN = 200

/** One run of both, in turns; they change places at each, because the second finds what the first left. */
const inTurns = async (
  client: Send,
  bare: Send,
  calls: number,
  concurrency: number,
): Promise<[Spent, Spent]> => {
  const spent = new Map<Send, Spent>()
  for (let from = 0, flip = false; from < calls; from += TURN, flip = !flip) {
    for (const send of flip ? [bare, client] : [client, bare]) {
      const { wallMs, cpuMs } = await timed(send, from, Math.min(from + TURN, calls), concurrency)
      const sum = spent.get(send) ?? { wallMs: 0, cpuMs: 0 }
      spent.set(send, { wallMs: sum.wallMs + wallMs, cpuMs: sum.cpuMs + cpuMs })
    }
  }
  const nothing = { wallMs: Number.NaN, cpuMs: Number.NaN }
  return [spent.get(client) ?? nothing, spent.get(bare) ?? nothing]
}

const heapAfterCollection = async (): Promise<number> => {
  if (gc === undefined) throw new Error('cost: run node with --expose-gc, so that the heap can be measured')
  // Twice and apart: what finalizers let go of is collected the second time.
  gc()
  await sleep(50)
  gc()
  return process.memoryUsage().heapUsed
}

/** Measures after a run to warm up, and prints a line for each run and one for all; needs `--expose-gc`. */
export const measureCost = async (
  { calls = 10_000, runs = 5, concurrency = 10 }: CostOptions = {},
  print: (line: object) => void = (line) => console.log(JSON.stringify(line)),
): Promise<Cost> => {
  const server = fork(new URL('./answeringServer.ts', import.meta.url))
  try {
    const [url] = (await once(server, 'message')) as [string]
    // The quota is there and counts, but lets through more than this machine can send.
    const quota = createQuota({ perSecond: 10_000 })
    const client = throughClient(createCloudRecording({ ...account, baseUrls: [url], quota }))
    const bare = byFetch(url)
    const pairs: [Spent, Spent][] = []
    const heaps: number[] = []
    await inTurns(client, bare, calls, concurrency)
    for (let run = 1; run <= runs; run++) {
      const pair = await inTurns(client, bare, calls, concurrency)
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

if (import.meta.main) await measureCost()
