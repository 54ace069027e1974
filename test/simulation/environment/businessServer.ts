import {
  type RecordingRequest,
  storedRequestSchema,
} from '../../../packages/reporter/src/recordingRequest.ts'
import { mergePolicy, type Policy } from '../../../packages/reporter/src/supervisor/policy.ts'
import type { Signal } from '../../../packages/reporter/src/supervisor/signal.ts'
import type { Observer } from '../observer.ts'
import type { ReporterHost } from '../reporter/host.ts'
import type { Running } from '../reporter/process.ts'
import { type Command, idsOf, type RecordingSpec } from '../scenario/scenario.ts'
import type { VirtualTime } from '../virtualTime.ts'

/** Requests a recording and sends its commands, each at its time and until it is answered. */
export const requestRecording = (
  spec: RecordingSpec,
  { time, host, observer }: { time: VirtualTime; host: ReporterHost; observer: Observer },
): void => {
  const { id, createAt, commands } = spec
  const request = requestOf(spec)
  const policy = policyOf(spec)
  const create = async ({ engine }: Running): Promise<unknown> =>
    (await engine.load(id)) ?? engine.create(id, request, policy)
  let isCreated = false
  const onCreated = (): void => {
    isCreated = true
  }
  time.after(createAt, () => host.requestUntilAnswered(create, onCreated))
  for (const { at, command } of commands) {
    const send = async ({ engine }: Running): Promise<void> => {
      const handled = await engine.command(id, signalOf(command))
      // One that existed has been removed by retention, and needs no command.
      if (!handled && !isCreated) throw new Error(`${id} does not exist yet`)
    }
    const onAccepted = (): void => {
      for (const each of idsOf(spec)) observer.onCommandAccepted(each, command)
    }
    time.after(at, () => host.requestUntilAnswered(send, onAccepted))
  }
}

/** What `PATCH` would change later is in the request from the beginning: only that it changes matters here. */
const CHANGES = {
  layout: { mixedVideoLayout: 1 },
  subscription: { audioUidList: { subscribeAudioUids: ['101'] } },
}

const requestOf = ({ id, maxRecordingHour, policy, channel, standby }: RecordingSpec): RecordingRequest => {
  if (channel === null) {
    return storedRequestSchema.parse({
      kind: 'page',
      ...{ id, url: 'https://page.test/', maxRecordingHour, policy, standby },
    })
  }
  const { name, mode, maxIdleTime } = channel
  const { subscription } = CHANGES
  return storedRequestSchema.parse({
    ...{ id, kind: 'channel', mode, channel: name, resourceExpiredHour: maxRecordingHour, policy, standby },
    recordingConfig: { channelType: 1, maxIdleTime, ...(mode === 'individual' && { subscribeUidGroup: 0 }) },
    changes: mode === 'mix' ? CHANGES : { subscription },
  })
}

/** As `POST /v1/recordings` stores it: Agora is queried more often than it ends an idle task. */
export const policyOf = ({ policy, channel }: Pick<RecordingSpec, 'policy' | 'channel'>): Policy => {
  const merged = mergePolicy(policy)
  if (channel === null) return merged
  return { ...merged, queryInterval: Math.max(1, Math.min(merged.queryInterval, channel.maxIdleTime - 1)) }
}

const signalOf = (command: Command): Signal =>
  command === 'layout' || command === 'subscription'
    ? { type: 'changed', changes: [command] }
    : { type: command }
