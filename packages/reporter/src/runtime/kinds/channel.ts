import type { RecordedTask, StorageConfig, StreamSubscribe } from '@stillrolling/rest-core'
import type { ChannelChanges, ChannelKeys, ChannelRequest } from '../../channelRequest.ts'
import { isRefused } from '../../supervisor/attempt.ts'
import type { Attempt, Recording, Revisions } from '../../supervisor/recording.ts'
import { storageOfAttempt } from './storageOfAttempt.ts'
import type { Requested, TaskKind, TaskUpdate } from './taskKind.ts'

/** Agora's individual and mix mode. */
export const channel: TaskKind<ChannelRequest> = {
  canPause: false,
  modeOf: ({ mode }) => mode,
  // The names of individual recordings have the uids of the users.
  predictableFiles: ({ mode, recordingFileConfig }) =>
    mode === 'mix' ? (recordingFileConfig?.avFileType ?? ['hls']) : [],
  factsOf: ({ channel: cname, recordingConfig, resourceExpiredHour }) => ({
    kind: 'channel',
    cname,
    maxRecordingHour: resourceExpiredHour,
    maxIdleTime: recordingConfig.maxIdleTime,
  }),
  startOf: async ({ request, recording }, { number, uid }, { storage, tokens, now }) => {
    const joining = { recordingId: recording.id, attempt: number, channel: recording.cname, uid }
    const { validFor, ...access } = await tokens.accessFor(request, joining)
    return {
      task: taskOf(withoutRefused(request, recording), {
        ...access,
        storageConfig: storageOfAttempt(storage, recording.id, number),
      }),
      resourceExpiredHour: request.resourceExpiredHour,
      ...(validFor !== undefined && { tokenExpiresAt: now + validFor * 1000 }),
    }
  },
  updateOf: (requested, attempt) =>
    layoutUpdate(requested, attempt) ?? subscriptionUpdate(requested, attempt),
}

/** Agora would refuse a start with a change that it has refused before. */
const withoutRefused = <Request extends ChannelRequest>(request: Request, recording: Recording): Request => {
  const { layout, subscription } = request.changes ?? {}
  const { revisions, refusedRevisions } = recording
  const isKept = (change: keyof Revisions): boolean => !isRefused(revisions[change], refusedRevisions[change])
  const changes = { ...(isKept('layout') && { layout }), ...(isKept('subscription') && { subscription }) }
  return { ...request, changes }
}

/** What an attempt starts with: the request, with the changes that were made since. */
export const changedConfig = <Config extends ChannelRequest['recordingConfig']>(
  config: Config,
  { layout, subscription }: ChannelChanges = {},
): Config => ({
  ...(subscription ? withSubscription(config, subscription) : config),
  ...(layout && { transcodingConfig: { ...canvasOf(config), ...layout } }),
})

/** Agora's updateLayout replaces the whole layout, and leaves the canvas as it is. */
const canvasOf = (config: ChannelRequest['recordingConfig']) => {
  const { width, height, fps, bitrate } = ('transcodingConfig' in config && config.transcodingConfig) || {}
  return { width, height, fps, bitrate }
}

/** Agora's update replaces the lists of both media: without a list, a medium is no longer subscribed to. */
const withSubscription = <Config extends ChannelRequest['recordingConfig']>(
  config: Config,
  { audioUidList, videoUidList }: StreamSubscribe,
): Config => {
  const {
    subscribeAudioUids: _,
    unsubscribeAudioUids: __,
    unSubscribeAudioUids: ___,
    subscribeVideoUids: ____,
    unsubscribeVideoUids: _____,
    unSubscribeVideoUids: ______,
    ...rest
  } = config
  return { ...rest, ...audioUidList, ...videoUidList } as Config
}

interface Joined extends ChannelKeys {
  token?: string
  storageConfig: StorageConfig
}

const taskOf = (request: ChannelRequest, { token, storageConfig, ...keys }: Joined): RecordedTask => {
  const access = { ...(token !== undefined && { token }), storageConfig }
  if (request.mode === 'mix') {
    const { mode, recordingConfig, recordingFileConfig, changes } = request
    const config = { ...changedConfig(recordingConfig, changes), ...keys }
    return { mode, clientRequest: { ...access, recordingConfig: config, recordingFileConfig } }
  }
  const { mode, recordingConfig, recordingFileConfig, snapshotConfig, changes } = request
  const config = { ...changedConfig(recordingConfig, changes), ...keys }
  // Without a field of individual mode the request of acquire fits both modes, and must fit either.
  const snapshots = snapshotConfig && { snapshotConfig }
  return { mode, clientRequest: { ...access, recordingConfig: config, recordingFileConfig, ...snapshots } }
}

const layoutUpdate = (
  { request, recording }: Requested<ChannelRequest>,
  attempt: Attempt,
): TaskUpdate | undefined => {
  const clientRequest = request.changes?.layout
  const layout = pending(recording, attempt, 'layout')
  if (layout === undefined || clientRequest === undefined || request.mode !== 'mix') return undefined
  return {
    sent: { layout },
    evidence: { layout },
    send: (agora, { drainSignal, ...task }) =>
      agora.updateLayout({ ...task, mode: 'mix', clientRequest }, { drainSignal }),
  }
}

const subscriptionUpdate = (
  { request, recording }: Requested<ChannelRequest>,
  attempt: Attempt,
): TaskUpdate | undefined => {
  const streamSubscribe = request.changes?.subscription
  const subscription = pending(recording, attempt, 'subscription')
  if (subscription === undefined || streamSubscribe === undefined) return undefined
  return {
    sent: { subscription },
    evidence: { subscription },
    send: (agora, { drainSignal, ...task }) =>
      agora.update({ ...task, mode: request.mode, clientRequest: { streamSubscribe } }, { drainSignal }),
  }
}

/** The newest revision, if Agora has neither confirmed nor refused it. */
const pending = (
  { revisions }: Recording,
  { applied, refused }: Attempt,
  change: keyof Revisions,
): number | undefined =>
  revisions[change] > Math.max(applied[change], refused[change]) ? revisions[change] : undefined
