// The forms of the requests that Agora publishes (REST reference, guides of each mode, examples of its clients), with values of our
// own: rest-core sends them as they are, and the emulator accepts them.

export type PublishedMode = 'web' | 'mix' | 'individual'

export const STORAGE: object = {
  vendor: 2,
  region: 3,
  bucket: 'recordings',
  accessKey: 'key',
  secretKey: 'secret',
  fileNamePrefix: ['directory1', 'directory2'],
}
export const RECORDER: object = {
  url: 'https://app.example.com/room/42',
  audioProfile: 0,
  videoWidth: 1280,
  videoHeight: 720,
  maxRecordingHour: 3,
}
/** The `clientRequest` of a start. */
export const webStart = (serviceParam: object, ...services: object[]): object => ({
  token: 'rtc token, if any',
  extensionServiceConfig: {
    errorHandlePolicy: 'error_abort',
    extensionServices: [
      { serviceName: 'web_recorder_service', errorHandlePolicy: 'error_abort', serviceParam },
      ...services,
    ],
  },
  recordingFileConfig: { avFileType: ['hls', 'mp4'] },
  storageConfig: STORAGE,
})
const rtmp = {
  serviceName: 'rtmp_publish_service',
  errorHandlePolicy: 'error_ignore',
  serviceParam: { outputs: [{ rtmpUrl: 'rtmp://live.example.com/app/key' }] },
}

/** The `clientRequest` of a start. */
export const channelStart = (recordingConfig: object, more: object = {}): object => ({
  token: 'rtc token',
  recordingConfig: { channelType: 0, ...recordingConfig },
  ...more,
  storageConfig: STORAGE,
})
const uids = { subscribeVideoUids: ['123', '456'], subscribeAudioUids: ['123', '456'] }
const transcodingConfig = {
  height: 640,
  width: 360,
  bitrate: 500,
  fps: 15,
  mixedVideoLayout: 1,
  backgroundColor: '#FF0000',
}
const layoutConfig = [
  { uid: '1', x_axis: 0, y_axis: 0, width: 0.5, height: 1, alpha: 1, render_mode: 1 },
  { x_axis: 0.5, y_axis: 0, width: 0.5, height: 1 },
]
const snapshotConfig = { captureInterval: 5, fileType: ['jpg'] }
const HLS = { recordingFileConfig: { avFileType: ['hls'] } }
const key = Buffer.alloc(32, 'k').toString('base64')
const audioMix = {
  appsCollection: { combinationPolicy: 'postpone_transcoding' },
  transcodeOptions: {
    container: { format: 'mp3' },
    transConfig: { transMode: 'audioMix' },
    audio: { sampleRate: '48000', bitrate: '48000', channels: '2' },
  },
  ...HLS,
}

/** The `clientRequest`s of acquire. */
export const ACQUIRES: [what: string, clientRequest: object][] = [
  ['a channel', { resourceExpiredHour: 24, scene: 0 }],
  ['a web page', { resourceExpiredHour: 24, scene: 1 }],
  ['nothing said', {}],
  ['regionAffinity for a page', { scene: 1, regionAffinity: 1 }],
  ['regionAffinity for a channel', { scene: 0, regionAffinity: 4 }],
  ['region and other resources for a page', { scene: 1, region: 'EU', excludeResourceIds: ['other'] }],
  ['region and other resources for a channel', { scene: 0, region: 'AP', excludeResourceIds: ['other'] }],
  ['postponed transcoding', { scene: 2 }],
  ['a resource that expires first', { scene: 1, resourceExpiredHour: 1, startParameter: webStart(RECORDER) }],
  ['the parameters of a page', { scene: 1, startParameter: webStart({ ...RECORDER, readyTimeout: null }) }],
  [
    'the parameters of a composite recording',
    {
      scene: 0,
      startParameter: channelStart({ transcodingConfig, audioProfile: 1, ...uids, subscribeUidGroup: 0 }),
    },
  ],
  ['the parameters of screenshots', { scene: 0, startParameter: channelStart({}, { snapshotConfig }) }],
]

/** Those of start. */
export const STARTS: [mode: PublishedMode, what: string, clientRequest: object][] = [
  ['web', 'with a token', webStart(RECORDER)],
  ['web', 'with readyTimeout null', webStart({ ...RECORDER, readyTimeout: null })],
  ['web', 'with a stream', webStart({ ...RECORDER, maxVideoDuration: 200 }, rtmp)],
  ['mix', 'with the least', { recordingConfig: { channelType: 1 }, storageConfig: STORAGE }],
  ['mix', 'with subscribeUidGroup', channelStart({ transcodingConfig, ...uids, subscribeUidGroup: 0 })],
  [
    'mix',
    'with MP4 and a layout of its own',
    channelStart(
      { transcodingConfig: { ...transcodingConfig, mixedVideoLayout: 3, layoutConfig } },
      { recordingFileConfig: { avFileType: ['hls', 'mp4'] } },
    ),
  ],
  [
    'mix',
    'with backgrounds',
    channelStart({
      transcodingConfig: {
        ...transcodingConfig,
        backgroundImage: 'https://images.example.com/canvas.jpg',
        defaultUserBackgroundImage: 'https://images.example.com/user.jpg',
        backgroundConfig: [{ uid: '1', image_url: 'https://images.example.com/1.jpg', render_mode: 0 }],
      },
    }),
  ],
  [
    'mix',
    'of an encrypted channel',
    channelStart({ decryptionMode: 8, secret: 'key', salt: key, maxIdleTime: 2_592_000, audioProfile: 2 }),
  ],
  [
    'individual',
    'with subscribeUidGroup',
    channelStart({ maxIdleTime: 30, streamTypes: 2, ...uids, subscribeUidGroup: 0 }, HLS),
  ],
  ['individual', 'in standard mode', channelStart({ streamMode: 'standard', videoStreamType: 1 })],
  ['individual', 'of audio', channelStart({ streamTypes: 0, streamMode: 'original', subscribeUidGroup: 0 })],
  [
    'individual',
    'of all users',
    channelStart({ subscribeAudioUids: ['#allstream#'], unSubscribeVideoUids: ['4'] }),
  ],
  [
    'individual',
    'of screenshots',
    channelStart({ channelType: 1, subscribeUidGroup: 0 }, { snapshotConfig }),
  ],
  ['individual', 'of screenshots and files', channelStart({ streamTypes: 1 }, { snapshotConfig, ...HLS })],
  [
    'individual',
    'of screenshots each second',
    channelStart({}, { snapshotConfig: { ...snapshotConfig, captureInterval: 1 } }),
  ],
  [
    'individual',
    'of one audio file',
    channelStart({ channelType: 1, streamTypes: 0, subscribeUidGroup: 0 }, audioMix),
  ],
  [
    'individual',
    'of one audio file without subscribeUidGroup',
    channelStart({ channelType: 1, streamTypes: 0 }, audioMix),
  ],
]

/** Those of update, for channels. */
export const UPDATES: object[] = [
  { streamSubscribe: { audioUidList: { subscribeAudioUids: ['#allstream#'] } } },
  {
    streamSubscribe: {
      audioUidList: { subscribeAudioUids: ['1', '2'] },
      videoUidList: { unsubscribeVideoUids: ['444', '555'] },
    },
  },
  { streamSubscribe: { videoUidList: { unSubscribeVideoUids: ['444'] } } },
  { storageConfig: STORAGE },
]

/** Those of updateLayout. */
export const LAYOUTS: object[] = [
  {},
  { mixedVideoLayout: 1, backgroundColor: '#FF0000' },
  { mixedVideoLayout: 2, maxResolutionUid: '1' },
  { mixedVideoLayout: 3, layoutConfig },
]
