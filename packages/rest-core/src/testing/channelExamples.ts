import type { UpdateLayoutRequest, UpdateRequest } from '../requests/calls.ts'
import type { IndividualStartRequest } from '../requests/individual.ts'
import type { MixStartRequest } from '../requests/mix.ts'
import { clientRequest, identity } from './examples.ts'

const { storageConfig } = clientRequest

/** Values that must never appear in an error or a log entry; each is recognizable. */
export const channelSecrets: Readonly<Record<'token' | 'secret' | 'salt' | 'image', string>> = {
  token: 'SECRET-rtc-token',
  secret: 'SECRET-channel-key',
  salt: Buffer.from('SECRET-salt'.padEnd(32, '.')).toString('base64'),
  image: 'X-Amz-Signature=SECRET-signature',
}

const encryption = { decryptionMode: 8, secret: channelSecrets.secret, salt: channelSecrets.salt } as const

/** Every field of individual mode except for those of postponed transcoding. */
export const individual: IndividualStartRequest = {
  token: channelSecrets.token,
  storageConfig,
  recordingConfig: {
    ...encryption,
    channelType: 1,
    maxIdleTime: 300,
    streamTypes: 2,
    videoStreamType: 1,
    subscribeAudioUids: ['#allstream#'],
    subscribeVideoUids: ['1', '4294967295'],
    subscribeUidGroup: 5,
    streamMode: 'standard',
    privateParams: '{"correctEXTINF":true}',
  },
  recordingFileConfig: { avFileType: ['hls'] },
  snapshotConfig: { captureInterval: 5, fileType: ['jpg'] },
}

/** One audio file of all users, created after the recording. */
export const postponed: IndividualStartRequest = {
  storageConfig,
  recordingConfig: { channelType: 0, streamTypes: 0, streamMode: 'original', subscribeUidGroup: 0 },
  appsCollection: { combinationPolicy: 'postpone_transcoding' },
  transcodeOptions: {
    transConfig: { transMode: 'audioMix' },
    container: { format: 'm4a' },
    audio: { sampleRate: '32000', bitrate: '48000', channels: '1' },
  },
}

/** Every field of composite mode. */
export const mix: MixStartRequest = {
  token: channelSecrets.token,
  storageConfig,
  recordingConfig: {
    ...encryption,
    channelType: 0,
    maxIdleTime: 2_592_000,
    streamTypes: 2,
    videoStreamType: 0,
    unsubscribeAudioUids: ['3'],
    unSubscribeVideoUids: ['4'],
    audioProfile: 2,
    transcodingConfig: {
      width: 1920,
      height: 1080,
      fps: 30,
      bitrate: 6500,
      mixedVideoLayout: 3,
      maxResolutionUid: '1',
      backgroundColor: '#00fF00',
      backgroundImage: `https://images.example.com/canvas.jpg?${channelSecrets.image}`,
      defaultUserBackgroundImage: 'http://images.example.com/nobody.bmp',
      layoutConfig: [
        { uid: '1', x_axis: 0, y_axis: 0.5, width: 1, height: 0.5, alpha: 0.25, render_mode: 1 },
        { x_axis: 0, y_axis: 0, width: 1, height: 0.5 },
      ],
      backgroundConfig: [{ uid: '1', image_url: 'https://images.example.com/1.jpg', render_mode: 0 }],
    },
  },
  recordingFileConfig: { avFileType: ['hls', 'mp4'] },
}

const address = { ...identity, resourceId: 'resource/1', sid: 'sid1' }

export const channelUpdate: UpdateRequest = {
  ...address,
  mode: 'mix',
  clientRequest: {
    streamSubscribe: {
      audioUidList: { subscribeAudioUids: ['#allstream#'] },
      videoUidList: { unsubscribeVideoUids: ['444', '555'] },
    },
    storageConfig,
  },
}

export const updateLayoutRequest: UpdateLayoutRequest = {
  ...address,
  mode: 'mix',
  clientRequest: { mixedVideoLayout: 2, maxResolutionUid: '1', backgroundColor: '#FF0000' },
}
