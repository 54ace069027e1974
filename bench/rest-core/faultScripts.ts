import type { Emulator } from '@stillrolling/emulator'
import {
  type CloudRecording,
  type StartRecordingRequest,
  type StartRecordingResult,
  stopUntilConfirmed,
  type WebStartRequest,
  watch,
} from '@stillrolling/rest-core'

/** Seconds that the client waits for one try. */
export const TIMEOUT = 10

export type StartChanges = Partial<Pick<StartRecordingRequest, 'onResource' | 'resourceId'>>

/** What a script runs on. */
export interface Stage {
  emulator: Emulator
  client: CloudRecording
  /** Runs `startRecording` for the n-th recording of the script, and keeps the result. */
  start(n?: number, changes?: StartChanges): Promise<StartRecordingResult>
  /** Drops the tries so far, so that only those after the fault are counted. */
  resetCount(): void
  sleep(seconds: number): Promise<void>
}

/** A fault, and what the client does about it. */
export interface FaultScript {
  name: string
  fault: string
  run(stage: Stage): Promise<string>
}

export const clientRequest: WebStartRequest = {
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

export const identityOf = (n: number): { cname: string; uid: string } => ({
  cname: `class${n}`,
  uid: `${900_000 + n}`,
})

const describeResult = (result: StartRecordingResult): string =>
  'error' in result ? `${result.outcome}: ${result.error.name}` : result.outcome

const startedBy = (result: StartRecordingResult): { sid: string; resourceId: string } => {
  if (result.outcome !== 'started')
    throw new Error(`the script needs a running recording, got ${describeResult(result)}`)
  const { sid, resourceId } = result
  return { sid, resourceId }
}

/** How often each part occurs. */
export const tally = (parts: readonly string[]): Record<string, number> =>
  Object.fromEntries([...new Set(parts)].map((part) => [part, parts.filter((each) => each === part).length]))

/** In the order of the table in docs/rest-core.md. */
export const FAULT_SCRIPTS: readonly FaultScript[] = [
  {
    name: 'refused gateway',
    fault: 'after acquire every host refuses connections',
    run: async ({ emulator, start, resetCount }) => {
      const onResource = async (): Promise<void> => {
        await emulator.close()
        resetCount()
      }
      return describeResult(await start(0, { onResource }))
    },
  },
  {
    name: '206/65 on start',
    fault: 'every start is answered 206/65',
    run: async ({ emulator, start }) => {
      const then = { status: 206, code: 65, reason: 'request not completed' }
      emulator.injectFault({ on: 'call', call: 'start', then, times: 100 })
      return describeResult(await start())
    },
  },
  {
    name: '206/65 on stop',
    fault: 'the first stop is answered 206/65 and stops nothing',
    run: async ({ emulator, client, start, resetCount }) => {
      const task = startedBy(await start())
      const then = { status: 206, code: 65, reason: 'request not completed' }
      emulator.injectFault({ on: 'call', call: 'stop', then })
      resetCount()
      const request = { ...identityOf(0), ...task, mode: 'web', clientRequest: { async_stop: true } } as const
      const { outcome } = await stopUntilConfirmed(client, request)
      return outcome
    },
  },
  {
    name: '201/7',
    fault: 'a start with a resource that is already recording',
    run: async ({ start, resetCount }) => {
      const { resourceId } = startedBy(await start())
      resetCount()
      return describeResult(await start(0, { resourceId }))
    },
  },
  {
    name: 'commit then drop',
    fault: 'the first start is carried out, but its answer is lost in a reset',
    run: async ({ emulator, start }) => {
      emulator.injectFault({ on: 'call', call: 'start', then: { loseAnswer: true, how: 'reset' } })
      return describeResult(await start())
    },
  },
  {
    name: 'slow server',
    fault: `every start takes 12 s, the timeout is ${TIMEOUT} s`,
    run: async ({ emulator, start, sleep }) => {
      emulator.injectFault({ on: 'call', call: 'start', then: { delay: 12 }, times: 100 })
      const result = await start()
      // By then the service has carried out what the client gave up on.
      await sleep(15)
      return describeResult(result)
    },
  },
  {
    name: '404 window',
    fault: 'a running recording is answered with 404 for 60 s',
    run: async ({ emulator, client, start, resetCount }) => {
      const task = startedBy(await start())
      await emulator.runCommand(task.sid, { do: 'notFound', seconds: 60 })
      resetCount()
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
    fault: 'the first two starts are answered 429',
    run: async ({ emulator, start }) => {
      const then = { status: 429, message: 'API rate limit exceeded' }
      emulator.injectFault({ on: 'call', call: 'start', then, times: 2 })
      return describeResult(await start())
    },
  },
  {
    name: 'ten concurrent starts',
    fault: 'ten recordings have acquired, then every host refuses connections',
    run: async ({ emulator, start, resetCount }) => {
      const all = Promise.withResolvers<void>()
      let acquired = 0
      const onResource = async (): Promise<void> => {
        if (++acquired < 10) return all.promise
        await emulator.close()
        resetCount()
        all.resolve()
      }
      const results = await Promise.all(Array.from({ length: 10 }, (_, n) => start(n, { onResource })))
      return Object.entries(tally(results.map(describeResult)))
        .map(([outcome, times]) => `${outcome} ×${times}`)
        .join(', ')
    },
  },
]
