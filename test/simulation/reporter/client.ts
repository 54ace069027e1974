import {
  type CallName,
  type CallOptions,
  type CloudRecording,
  classify,
  type Mode,
  type Outcome,
  type Quota,
  type StreamSubscribe,
} from '@stillrolling/rest-core'
import { standbyIdOf } from '../../../packages/reporter/src/standbyId.ts'
import { errorOf } from '../../../packages/rest-core/src/errorOf.ts'
import { createSleep } from '../../createSleep.ts'
import type { Answer, Network } from '../environment/network.ts'
import type { Request } from '../environment/task.ts'
import type { Kit } from '../kit.ts'
import type { Call } from '../scenario/scenario.ts'
import type { Lifecycle } from './lifecycle.ts'

/** Seconds before the next host is tried (Agora: 1, 3, 6 s). */
const HOST_WAITS = [1, 3, 6]
/** rest-core's timeout for one call, in milliseconds. */
const TIMEOUT_MS = 90_000
const ABORTED = { meaning: 'aborted', remedy: 'giveUp', delays: [], whenExhausted: 'giveUp' } as const

/**
 * rest-core as the reporter sees it, over the simulated network. Verdicts, errors and quota are the real ones; the
 * retries on other hosts follow the real ones. Requests are neither validated nor serialised: how rest-core reads
 * answers byte by byte is tested in test/rest-core.
 */
export const createSimulatedClient = (
  network: Network,
  process: Lifecycle,
  { createQuota }: { createQuota: Kit['quota'] },
): CloudRecording => {
  const sleep = createSleep(process.after)
  const quota = createQuota({ clock: { now: () => process.now(), sleep } })
  const perform = createPerform(network, process, quota)
  return {
    acquire: async ({ cname, uid, clientRequest }) => {
      const { resourceExpiredHour, excludeResourceIds, startParameter } = clientRequest
      const fields = { cname, uid, resourceExpiredHour, excludeResourceIds, ...namesOf(startParameter) }
      return { resourceId: (await perform('acquire', fields)).resourceId ?? '' }
    },
    start: async (request, options) => {
      const { cname, uid, resourceId, mode, clientRequest } = request
      const { sid = '' } = await perform(
        'start',
        { cname, uid, resourceId, ...startFieldsOf(mode, clientRequest) },
        options?.mayTry,
      )
      return { sid, resourceId }
    },
    query: async ({ sid, resourceId, mode }: TaskAddress) => {
      const { state = 0, onhold, files } = await perform('query', { sid, resourceId })
      return { serverResponse: { status: state, ...stateOf(mode, files, onhold) } }
    },
    update: async ({ sid, resourceId, clientRequest }) => {
      const { webRecordingConfig, streamSubscribe } = clientRequest as {
        webRecordingConfig?: { onhold: boolean }
        streamSubscribe?: StreamSubscribe
      }
      const subscription = subscriptionOf(streamSubscribe?.audioUidList)
      await perform('update', { sid, resourceId, onhold: webRecordingConfig?.onhold, subscription })
      return {}
    },
    updateLayout: async ({ sid, resourceId, clientRequest }) => {
      await perform('update', { sid, resourceId, layout: clientRequest.backgroundColor })
      return {}
    },
    stop: async ({ sid, resourceId, mode }: TaskAddress) => {
      const { files, uploadingStatus } = await perform('stop', { sid, resourceId })
      return { serverResponse: { ...stateOf(mode, files), uploadingStatus } }
    },
    notificationServers: () => Promise.reject(new Error('not simulated')),
    wait: (seconds) => sleep(seconds * 1000),
    now: () => process.now(),
  }
}

type Perform = (call: Call, request: Request, mayTry?: CallOptions['mayTry']) => Promise<Answer>

/** Sends a request, and again to the next host where the verdict says so. */
const createPerform = (network: Network, process: Lifecycle, quota: Quota): Perform => {
  const sleep = createSleep(process.after)
  const takePermit = async (call: CallName, resourceId: string | undefined, endsAt: number) => {
    const grant = await quota.take({ appId: 'app', call, resourceId, maxWaitMs: endsAt - process.now() })
    if (typeof grant !== 'string') return grant
    throw errorOf({ call, tries: 0, expired: true, verdict: classify({ call, fault: 'timeout' }) })
  }

  return async (call, request, mayTry = async () => true) => {
    const endsAt = process.now() + TIMEOUT_MS
    let outcome: Outcome = 'none'
    for (let tries = 1; ; tries += 1) {
      const grant = await takePermit(call, request.resourceId, endsAt)
      await process.step()
      if (!(await mayTry())) {
        grant.release()
        throw errorOf({ call, tries: tries - 1, verdict: { ...ABORTED, outcome } })
      }
      const answer = await network.send(call, request, process)
      await process.step()
      const { status, code, fault, foreign } = answer
      const verdict = classify({
        ...{ call, status, code, fault, foreign },
        usable: code === undefined && fault === undefined,
      })
      grant.release(answer.resourceId)
      if (verdict.remedy === 'done') return answer
      outcome = outcome === 'unknown' && verdict.outcome === 'none' ? 'unknown' : verdict.outcome
      const wait = HOST_WAITS[tries - 1]
      if (verdict.remedy !== 'nextHost' || wait === undefined) {
        throw errorOf({ call, status, code, fault, host: 'agora', tries, verdict: { ...verdict, outcome } })
      }
      await sleep(wait * 1000)
    }
  }
}

interface TaskAddress {
  sid: string
  resourceId: string
  mode: Mode
}

const stateOf = (mode: Mode, files: string[] = [], onhold?: boolean) =>
  mode === 'web' ? webState(files, onhold) : channelState(files)

const channelState = (files: readonly string[]) => ({
  fileList: files.map((fileName) => ({ fileName })),
  extensionServiceState: [],
})

const webState = (files: readonly string[], onhold?: boolean) => ({
  extensionServiceState: [
    {
      serviceName: 'web_recorder_service',
      payload: { onhold, fileList: files.map((fileName) => ({ fileName })) },
    },
  ],
  fileList: [],
})

interface ChannelConfig {
  maxIdleTime: number
  transcodingConfig?: { backgroundColor?: string }
  subscribeAudioUids?: string[]
}

/** In the scenarios the first uid tells one subscription from another. */
const subscriptionOf = (lists: { subscribeAudioUids?: string[] } | undefined): string | undefined =>
  lists?.subscribeAudioUids?.[0]

/** The fields of a start request that the model of Agora uses. */
const startFieldsOf = (mode: Mode, clientRequest: unknown): Partial<Request> => {
  if (mode !== 'web') {
    const { recordingConfig } = clientRequest as { recordingConfig: ChannelConfig }
    const { maxIdleTime, transcodingConfig } = recordingConfig
    return {
      ...{ ...namesOf(clientRequest), channel: { mode, maxIdleTime } },
      ...{ layout: transcodingConfig?.backgroundColor, subscription: subscriptionOf(recordingConfig) },
    }
  }
  const { extensionServiceConfig } = clientRequest as {
    extensionServiceConfig: { extensionServices: { serviceParam: Request }[] }
  }
  const { maxRecordingHour, readyTimeout, onhold } =
    extensionServiceConfig.extensionServices[0]?.serviceParam ?? {}
  return { ...namesOf(clientRequest), maxRecordingHour, readyTimeout, onhold }
}

/** The prefix of the files ends with the recording's id, the folder of a standby, and the attempt. */
const namesOf = (clientRequest: unknown): Pick<Request, 'recordingId' | 'attempt'> => {
  const { storageConfig } = clientRequest as { storageConfig: { fileNamePrefix: string[] } }
  const [id = '', ...folders] = storageConfig.fileNamePrefix
  const recordingId = folders.length > 1 ? standbyIdOf(id) : id
  return { recordingId, attempt: Number(folders.at(-1)?.slice(1)) }
}
