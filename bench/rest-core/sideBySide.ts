import { type Emulator, startEmulator, type TaskView } from '@stillrolling/emulator'
import {
  type CloudRecording,
  createCloudRecording,
  type StartRecordingRequest,
  type StartRecordingResult,
  startRecording,
  stopUntilConfirmed,
  type WebStartRequest,
  watch,
} from '@stillrolling/rest-core'
import { scaledTime } from './scaledTime.ts'

/**
 * Nine fault scripts over real sockets against the emulator, and what the client makes of each: one JSON line per
 * script, in the order of the table in docs/rest-core.md.
 *
 * node bench/rest-core/sideBySide.ts
 */

// The scripts last minutes. All clocks and time-outs run 20 times as fast; the figures are in unscaled seconds.
const SCALE = 20
const TIMEOUT = 10

const credentials = { appId: 'app', customerId: 'customer', customerSecret: 'customer-s3cret' }

interface Try {
  at: number
  call: string
}

type StartChanges = Partial<Pick<StartRecordingRequest, 'onResource' | 'resourceId'>>

interface Stage {
  emulator: Emulator
  client: CloudRecording
  /** Runs `startRecording` for the n-th recording of the script, and remembers what it was told. */
  start(n?: number, changes?: StartChanges): Promise<StartRecordingResult>
  /** From now on tries count. */
  count(): void
  sleep(seconds: number): Promise<void>
}

interface Script {
  name: string
  faults: string
  play(stage: Stage): Promise<string>
}

const clientRequest: WebStartRequest = {
  storageConfig: { vendor: 1, region: 0, bucket: 'recordings', accessKey: 'key', secretKey: 'secret' },
  recordingFileConfig: { avFileType: ['hls'] },
  extensionServiceConfig: {
    errorHandlePolicy: 'error_abort',
    extensionServices: [
      {
        serviceName: 'web_recorder_service',
        errorHandlePolicy: 'error_abort',
        serviceParam: {
          url: 'https://page.example.com',
          audioProfile: 0,
          videoWidth: 1280,
          videoHeight: 720,
          maxRecordingHour: 1,
        },
      },
    ],
  },
}

const identityOf = (n: number): { cname: string; uid: string } => ({
  cname: `class${n}`,
  uid: `${900_000 + n}`,
})

const words = (result: StartRecordingResult): string =>
  'error' in result ? `${result.outcome}: ${result.error.name}` : result.outcome

const startedBy = (result: StartRecordingResult): { sid: string; resourceId: string } => {
  if (result.outcome !== 'started')
    throw new Error(`the script needs a recording, and it is ${words(result)}`)
  const { sid, resourceId } = result
  return { sid, resourceId }
}

/** Each part once, with how often it was there. */
const tally = (parts: readonly string[]): Record<string, number> =>
  Object.fromEntries([...new Set(parts)].map((part) => [part, parts.filter((each) => each === part).length]))

const scripts: readonly Script[] = [
  {
    name: 'refused gateway',
    faults: 'after acquire nobody listens on any host',
    play: async ({ emulator, start, count }) => {
      const onResource = async (): Promise<void> => {
        await emulator.close()
        count()
      }
      return words(await start(0, { onResource }))
    },
  },
  {
    name: '206/65 on start',
    faults: 'every start is answered 206/65',
    play: async ({ emulator, start }) => {
      const then = { status: 206, code: 65, reason: 'request not completed' }
      emulator.injectFault({ on: 'call', call: 'start', then, times: 100 })
      return words(await start())
    },
  },
  {
    name: '206/65 on stop',
    faults: 'the first stop is answered 206/65 and nothing is stopped',
    play: async ({ emulator, client, start, count }) => {
      const task = startedBy(await start())
      const then = { status: 206, code: 65, reason: 'request not completed' }
      emulator.injectFault({ on: 'call', call: 'stop', then })
      count()
      const request = { ...identityOf(0), ...task, mode: 'web', clientRequest: { async_stop: true } } as const
      const { outcome } = await stopUntilConfirmed(client, request)
      return outcome
    },
  },
  {
    name: '201/7',
    faults: 'start with a resource that records already',
    play: async ({ start, count }) => {
      const { resourceId } = startedBy(await start())
      count()
      return words(await start(0, { resourceId }))
    },
  },
  {
    name: 'commit then drop',
    faults: 'the first start is done, its answer is lost in a reset',
    play: async ({ emulator, start }) => {
      emulator.injectFault({ on: 'call', call: 'start', then: { loseAnswer: true, how: 'reset' } })
      return words(await start())
    },
  },
  {
    name: 'slow server',
    faults: `every start takes 12 s, the time-out is ${TIMEOUT} s`,
    play: async ({ emulator, start, sleep }) => {
      emulator.injectFault({ on: 'call', call: 'start', then: { delay: 12 }, times: 100 })
      const result = await start()
      // What was given up on is done by then.
      await sleep(15)
      return words(result)
    },
  },
  {
    name: '404 window',
    faults: 'a recording that runs is not found for 60 s',
    play: async ({ emulator, client, start, count }) => {
      const task = startedBy(await start())
      await emulator.runCommand(task.sid, { do: 'notFound', seconds: 60 })
      count()
      const seen: string[] = []
      for await (const { kind } of watch(client, { ...task, mode: 'web' })) {
        seen.push(kind)
        if (kind !== 'unclear') break
      }
      return Object.entries(tally(seen))
        .map(([kind, times]) => `${kind} ×${times}`)
        .join(', then ')
    },
  },
  {
    name: '429',
    faults: 'the first two starts are answered 429',
    play: async ({ emulator, start }) => {
      const then = { status: 429, message: 'API rate limit exceeded' }
      emulator.injectFault({ on: 'call', call: 'start', then, times: 2 })
      return words(await start())
    },
  },
  {
    name: 'ten starts at once',
    faults: 'ten recordings have acquired, then nobody listens on any host',
    play: async ({ emulator, start, count }) => {
      const all = Promise.withResolvers<void>()
      let acquired = 0
      const onResource = async (): Promise<void> => {
        if (++acquired < 10) return all.promise
        await emulator.close()
        count()
        all.resolve()
      }
      const results = await Promise.all(Array.from({ length: 10 }, (_, n) => start(n, { onResource })))
      return Object.entries(tally(results.map(words)))
        .map(([outcome, times]) => `${outcome} ×${times}`)
        .join(', ')
    },
  },
]

const resourcesTold = (result: StartRecordingResult): readonly string[] => {
  if (result.outcome === 'started') return [result.resourceId]
  return result.outcome === 'notStarted' ? [] : result.resourceIds
}

/** The most tries within one second, wherever the second begins. */
const peakPerSecond = (tries: readonly Try[]): number =>
  Math.max(
    0,
    ...tries.map(({ at }) => tries.filter((other) => other.at >= at && other.at < at + 1000).length),
  )

const run = async ({ name, faults, play }: Script): Promise<object> => {
  const time = scaledTime(SCALE)
  const emulator = await startEmulator({ ...credentials, browser: false, clock: time })
  let tries: Try[] = []
  const told: StartRecordingResult[] = []
  const client = createCloudRecording({
    ...credentials,
    // Four rungs, as Agora's ladder has: primary, primary again, adjacent region, alternate domain.
    baseUrls: Array(4).fill(emulator.url),
    clock: time,
    timeout: TIMEOUT / SCALE,
    fetch: (input, init) => {
      tries.push({ at: time.now(), call: String(input).split('/').at(-1) ?? '' })
      return fetch(input, init)
    },
  })
  const outcome = await play({
    emulator,
    client,
    start: async (n = 0, changes = {}) => {
      const request = { ...identityOf(n), clientRequest, onResource: async () => {}, clock: time, ...changes }
      const result = await startRecording(client, request)
      told.push(result)
      return result
    },
    count: () => {
      tries = []
    },
    sleep: (seconds) => time.sleep(seconds * 1000),
  })
  const runs = ({ state }: TaskView): boolean => state !== 'ended' && state !== 'exiting'
  const known = new Set(told.flatMap(resourcesTold))
  const orphans = emulator.tasks().filter((task) => runs(task) && !known.has(task.resourceId)).length
  const first = tries[0]?.at ?? 0
  const seconds = Math.round(((tries.at(-1)?.at ?? 0) - first) / 100) / 10
  await emulator.close()
  const requests = tally(tries.map(({ call }) => call))
  return { script: name, faults, requests, seconds, peakPerSecond: peakPerSecond(tries), outcome, orphans }
}

const about = `time runs ${SCALE} times as fast for client and service; seconds and peaks are in the service's time`
console.log(JSON.stringify({ about, node: process.version }))
for (const script of scripts) console.log(JSON.stringify(await run(script)))
