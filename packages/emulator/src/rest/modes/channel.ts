import type { ChannelTask } from '../../task/channel/channelTask.ts'
import { type ChannelTaskControls, createChannelTask } from '../../task/channel/createChannelTask.ts'
import { subscriptionOf } from '../../task/channel/subscription.ts'
import type { Change, Refusal, RunningTask } from '../../task/runningTask.ts'
import type { Media } from '../../types.ts'
import { type Answer, badChannelName, badParameter, badToken } from '../answers.ts'
import type { CallContext } from '../callContext.ts'
import {
  type ChannelStartRequest,
  checkChannelUpdate,
  checkIndividualStart,
  checkMixStart,
} from '../requests/channelRequests.ts'
import type { Checked } from '../requests/common.ts'
import { checkLayout } from '../requests/layoutRequest.ts'
import type { Resource } from '../resources.ts'
import type { CheckedToken } from '../tokens.ts'
import type { ModeCalls } from './mode.ts'
import { newTask } from './newTask.ts'

type ChannelMode = ChannelTask['mode']

/** By `streamTypes`. */
const MEDIA: readonly (readonly Media[])[] = [['audio'], ['video'], ['audio', 'video']]

/** Agora begins a new MP4 file after about two hours. */
const MP4_HOURS = 2

/** From a track's start until query names its playlist: https://docs.agora.io/en/cloud-recording/best-practices */
const FILE_DELAYS_MS: Record<ChannelMode, number> = { mix: 15_000, individual: 60_000 }

const MAX_NAME_BYTES = 63

/** The characters of a channel's name (https://docs.agora.io/en/cloud-recording/rest-api/acquire). */
const CHANNEL_NAME = /^[A-Za-z0-9 !#$%&()+\-:;<=.>?@[\]^_{}|~,]*$/

const refuseName = (cname: string): Answer | null => {
  if (Buffer.byteLength(cname) > MAX_NAME_BYTES) {
    return badChannelName(`cname must be at most ${MAX_NAME_BYTES} bytes long in mode individual and mix`)
  }
  return CHANNEL_NAME.test(cname) ? null : badChannelName('cname has characters that a channel cannot have')
}

interface Start {
  mode: ChannelMode
  request: ChannelStartRequest
  token: CheckedToken
}

const initialTask = (
  { mode, request, token }: Start,
  resource: Resource,
  context: CallContext,
): ChannelTask => {
  const { storageConfig, recordingConfig, recordingFileConfig, snapshotConfig } = request.clientRequest
  const { environment, hourMs } = context
  // With snapshotConfig alone there are only screenshots.
  const recordsFiles = snapshotConfig === undefined || recordingFileConfig !== undefined
  return {
    ...newTask(request, storageConfig, resource, context),
    mode,
    serviceScene: recordsFiles ? 'rtc_record' : 'rtc_snapshot',
    media: MEDIA[recordingConfig.streamTypes] ?? [],
    recordsFiles,
    mp4: recordingFileConfig?.avFileType.includes('mp4') ?? false,
    snapshotMs: snapshotConfig ? snapshotConfig.captureInterval * 1000 : null,
    maxIdleMs: recordingConfig.maxIdleTime * 1000,
    maxVideoMs: MP4_HOURS * hourMs,
    fileDelayMs: environment.delays.fileDelayMs ?? FILE_DELAYS_MS[mode],
    tokenExpiresAt: token.expiresAt,
    subscription: subscriptionOf(recordingConfig),
    layout: recordingConfig.transcodingConfig ?? null,
    users: environment.channels.usersOf(request.cname),
    idleSince: null,
    streams: [],
    tracks: [],
    announced: 0,
    uploading: false,
    recordingAt: null,
    snapshots: 0,
    exit: null,
  }
}

const readUpdate =
  ({ send }: ChannelTaskControls, { clock }: CallContext) =>
  (body: unknown): Change | Refusal => {
    const checked = checkChannelUpdate(body, clock.now())
    if (!checked.ok) return checked
    const { streamSubscribe } = checked.request.clientRequest
    return {
      // New storage credentials change nothing: no file is written.
      apply: () => {
        if (!streamSubscribe) return
        const lists = { ...streamSubscribe.audioUidList, ...streamSubscribe.videoUidList }
        send({ type: 'subscriptionRequested', subscription: subscriptionOf(lists) })
      },
    }
  }

const readLayout =
  ({ task, send }: ChannelTaskControls) =>
  (body: unknown): Change | Refusal => {
    if (task().mode !== 'mix') return { field: 'mode', detail: 'only mode mix has a layout' }
    const checked = checkLayout(body)
    if (!checked.ok) return checked
    return { apply: () => send({ type: 'layoutRequested', layout: checked.request.clientRequest }) }
  }

const create = (start: Start, resource: Resource, context: CallContext): RunningTask => {
  const { running, ...controls } = createChannelTask(
    initialTask(start, resource, context),
    context.environment,
  )
  return { ...running, readUpdate: readUpdate(controls, context), readLayout: readLayout(controls) }
}

const channelCalls = (
  mode: ChannelMode,
  scenes: readonly number[],
  check: (body: unknown, now: number) => Checked<ChannelStartRequest>,
): ModeCalls => ({
  scenes,
  readStart: (body, context) => {
    const { clock, checkToken } = context
    const checked = check(body, clock.now())
    if (!checked.ok) return badParameter('start', checked.field, checked.detail)
    const { request } = checked
    const { cname, uid } = request
    const refusal = refuseName(cname)
    if (refusal) return refusal
    const token = checkToken(request.clientRequest.token, { cname, uid })
    if (!token.ok) return badToken(token)
    return { cname, uid, create: (resource) => create({ mode, request, token }, resource, context) }
  },
})

/** Scene 2, postponed transcoding, is no longer in Agora's reference. */
export const individualCalls: ModeCalls = channelCalls('individual', [0, 2], checkIndividualStart)

export const mixCalls: ModeCalls = channelCalls('mix', [0], checkMixStart)
