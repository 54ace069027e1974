import { startEmulator, type TaskView } from '@stillrolling/emulator'
import { createCloudRecording, type StartRecordingResult, startRecording } from '@stillrolling/rest-core'
import { clientRequest, FAULT_SCRIPTS, type FaultScript, identityOf, TIMEOUT, tally } from './faultScripts.ts'
import { scaledTime } from './scaledTime.ts'

// The scripts take minutes. All clocks and timeouts run 20 times as fast; the figures are in unscaled seconds.
const SCALE = 20

const CREDENTIALS = { appId: 'app', customerId: 'customer', customerSecret: 'customer-s3cret' } as const

interface Try {
  at: number
  call: string
}

const knownResources = (result: StartRecordingResult): readonly string[] => {
  if (result.outcome === 'started') return [result.resourceId]
  return result.outcome === 'notStarted' ? [] : result.resourceIds
}

/** The largest number of tries within any one second. */
const peakPerSecond = (tries: readonly Try[]): number =>
  Math.max(
    0,
    ...tries.map(({ at }) => tries.filter((other) => other.at >= at && other.at < at + 1000).length),
  )

const isRunning = ({ state }: TaskView): boolean => state !== 'ended' && state !== 'exiting'

const runScript = async ({ name, fault, run }: FaultScript): Promise<object> => {
  const time = scaledTime(SCALE)
  const emulator = await startEmulator({ ...CREDENTIALS, browser: false, clock: time })
  let tries: Try[] = []
  const results: StartRecordingResult[] = []
  const client = createCloudRecording({
    ...CREDENTIALS,
    // As many hosts as Agora has: the primary twice, the adjacent region, the alternate domain.
    baseUrls: Array(4).fill(emulator.url),
    clock: time,
    timeout: TIMEOUT / SCALE,
    fetch: (input, init) => {
      tries.push({ at: time.now(), call: String(input).split('/').at(-1) ?? '' })
      return fetch(input, init)
    },
  })
  const outcome = await run({
    emulator,
    client,
    start: async (n = 0, changes = {}) => {
      const request = { ...identityOf(n), clientRequest, onResource: async () => {}, ...changes }
      const result = await startRecording(client, request)
      results.push(result)
      return result
    },
    resetCount: () => {
      tries = []
    },
    sleep: (seconds) => time.sleep(seconds * 1000),
  })
  const known = new Set(results.flatMap(knownResources))
  const orphans = emulator.tasks().filter((task) => isRunning(task) && !known.has(task.resourceId)).length
  const first = tries[0]?.at ?? 0
  const seconds = Math.round(((tries.at(-1)?.at ?? 0) - first) / 100) / 10
  await emulator.close()
  const requests = tally(tries.map(({ call }) => call))
  return { script: name, fault, requests, seconds, peakPerSecond: peakPerSecond(tries), outcome, orphans }
}

/** Runs nine faults over real sockets against the emulator, and prints one JSON line for each. */
export const compareFaults = async (): Promise<void> => {
  const about = `time runs ${SCALE} times as fast for client and service; seconds and peaks are unscaled`
  console.log(JSON.stringify({ about, node: process.version }))
  for (const script of FAULT_SCRIPTS) console.log(JSON.stringify(await runScript(script)))
}
