/** A route of the emulator, as its overview shows it. */
export interface RouteDescription {
  method: 'GET' | 'POST' | 'DELETE'
  /** Names in braces stand for values. */
  path: string
  does: string
  /** A body that the route accepts. */
  example?: unknown
}

const IDENTITY = { cname: 'class42', uid: '1' }

const START = {
  storageConfig: { vendor: 1, region: 0, bucket: 'b', accessKey: 'a', secretKey: 's' },
  recordingFileConfig: { avFileType: ['hls', 'mp4'] },
  extensionServiceConfig: {
    extensionServices: [
      {
        serviceName: 'web_recorder_service',
        serviceParam: {
          url: 'https://example.com/',
          audioProfile: 0,
          videoWidth: 1280,
          videoHeight: 720,
          maxRecordingHour: 1,
        },
      },
    ],
  },
}

const START_CHANNEL = {
  storageConfig: START.storageConfig,
  recordingConfig: { channelType: 0, maxIdleTime: 300, transcodingConfig: { width: 1280, height: 720 } },
  recordingFileConfig: START.recordingFileConfig,
}

const taskPath = (mode: 'web' | 'mix'): string => `/resourceid/{resourceId}/sid/{sid}/mode/${mode}`
const TASK = taskPath('web')

/** Agora's REST API, in the order in which a client calls it. */
export const restRoutes = (appId: string): RouteDescription[] => {
  const app = `/v1/apps/${encodeURIComponent(appId)}/cloud_recording`
  return [
    {
      method: 'POST',
      path: `${app}/acquire`,
      does: 'hands out a resource id for a web page',
      example: { ...IDENTITY, clientRequest: { scene: 1, resourceExpiredHour: 24 } },
    },
    {
      method: 'POST',
      path: `${app}/resourceid/{resourceId}/mode/web/start`,
      does: 'starts a task of a web page within 5 minutes',
      example: { ...IDENTITY, clientRequest: START },
    },
    { method: 'GET', path: `${app}${TASK}/query`, does: 'shows a task' },
    {
      method: 'POST',
      path: `${app}${TASK}/update`,
      does: 'pauses or continues a task, or changes its storage',
      example: { ...IDENTITY, clientRequest: { webRecordingConfig: { onhold: true } } },
    },
    {
      method: 'POST',
      path: `${app}${TASK}/stop`,
      does: 'ends a task',
      example: { ...IDENTITY, clientRequest: { async_stop: true } },
    },
    {
      method: 'POST',
      path: `${app}/acquire`,
      does: 'hands out a resource id for a channel',
      example: { ...IDENTITY, clientRequest: { scene: 0, resourceExpiredHour: 24 } },
    },
    {
      method: 'POST',
      path: `${app}/resourceid/{resourceId}/mode/mix/start`,
      does: 'starts a composite recording of a channel; with mode individual, each user has files of their own',
      example: { ...IDENTITY, clientRequest: START_CHANNEL },
    },
    {
      method: 'POST',
      path: `${app}${taskPath('mix')}/updateLayout`,
      does: 'changes the layout of a composite recording; its other calls are those above, with mode mix',
      example: { ...IDENTITY, clientRequest: { mixedVideoLayout: 1 } },
    },
    { method: 'GET', path: '/v1/ncs/ip', does: 'lists the addresses that notifications come from' },
  ]
}

/** The control API. */
export const CONTROL_ROUTES: readonly RouteDescription[] = [
  { method: 'GET', path: '/_control/tasks', does: 'lists the tasks with all that is known about them' },
  { method: 'GET', path: '/_control/channels', does: 'lists the channels with their users and tasks' },
  {
    method: 'POST',
    path: '/_control/channels/{cname}/commands',
    does: 'changes who is in a channel, also before it is recorded',
    example: { do: 'users', count: 2 },
  },
  { method: 'GET', path: '/_control/requests', does: 'lists the REST calls, and what was wrong with them' },
  {
    method: 'POST',
    path: '/_control/faults',
    does: 'injects a fault: here, the next start is carried out and its answer is lost',
    example: { on: 'call', call: 'start', then: { loseAnswer: true } },
  },
  { method: 'GET', path: '/_control/faults', does: 'lists the active faults' },
  { method: 'DELETE', path: '/_control/faults', does: 'removes all faults' },
  { method: 'GET', path: '/_control/faults/{id}', does: 'shows a fault' },
  { method: 'DELETE', path: '/_control/faults/{id}', does: 'removes a fault' },
  {
    method: 'POST',
    path: '/_control/tasks/{sid}/commands',
    does: 'runs a command on a task: here, the recorder fails',
    example: { do: 'stop', code: 6 },
  },
]
