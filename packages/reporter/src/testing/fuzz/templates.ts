import { SECRETS } from '../harness.ts'

/** A request as it would be valid. Mutations begin with it. */
export interface Template {
  /** Of the OpenAPI document: `POST /v1/recordings/{id}/stop`. */
  operation: string
  /** The values of the path's parameters. */
  parameters?: Record<string, string>
  query?: Record<string, string>
  headers?: Record<string, string>
  body?: unknown
  /** How often it is taken, compared with 1. @default 1 */
  weight?: number
}

const PAGE = 'https://page.test/room/1'
/** Few ids, so that requests meet, and the database stays small. */
const IDS = ['class42', 'class-43', 'lesson7'] as const
const [ID] = IDS

const page = (id: string, changes: object = {}): object => ({ id, url: PAGE, ...changes })
const channel = (id: string, changes: object = {}): object => ({
  ...{ id, kind: 'channel', mode: 'mix', channel: 'room 7' },
  recordingConfig: { channelType: 1, transcodingConfig: { width: 640, height: 360, fps: 15, bitrate: 500 } },
  ...changes,
})

/** The recording whose page reports. */
export const REPORTED = 'reported'

/** @param token of the page of `REPORTED` */
export const templatesFor = (token: string): Template[] => [
  {
    operation: 'POST /v1/recordings',
    body: page(IDS[0], { expect: ['#board'], media: ['video'] }),
    weight: 6,
  },
  {
    operation: 'POST /v1/recordings',
    body: page(IDS[1], { labels: { course: '7b' }, metadata: { room: [1, { a: null }] }, standby: true }),
    weight: 4,
  },
  {
    operation: 'POST /v1/recordings',
    body: channel(IDS[2], {
      policy: { onIdleExit: 'wait', restart: { delays: [0, 1] } },
      snapshotConfig: undefined,
    }),
    weight: 4,
  },
  // Without an id each makes a recording.
  { operation: 'POST /v1/recordings', body: { url: PAGE }, weight: 0.4 },
  {
    operation: 'POST /v1/recordings',
    headers: { 'idempotency-key': '8e03978e-40d5-43dd-bc93-6894a57f9324' },
    body: { url: PAGE },
    weight: 0.4,
  },
  {
    operation: 'GET /v1/recordings',
    query: { state: 'rolling', limit: '10', 'label.course': '7b' },
    weight: 3,
  },
  { operation: 'GET /v1/recordings/{id}', parameters: { id: ID }, weight: 2 },
  {
    operation: 'GET /v1/recordings/{id}',
    parameters: { id: ID },
    query: { waitFor: 'starting,loading,rolling,unhealthy,recovering,stopping,stopped,failed', timeout: '1' },
  },
  {
    operation: 'PATCH /v1/recordings/{id}',
    parameters: { id: IDS[2] },
    headers: { 'if-match': '*' },
    body: { layout: { mixedVideoLayout: 1 }, subscription: { audioUidList: { subscribeAudioUids: ['1'] } } },
    weight: 3,
  },
  { operation: 'GET /v1/recordings/{id}/attempts', parameters: { id: ID }, query: { limit: '5' } },
  { operation: 'GET /v1/recordings/{id}/timeline', parameters: { id: ID }, query: { limit: '5' } },
  { operation: 'GET /v1/recordings/{id}/stats', parameters: { id: ID } },
  { operation: 'POST /v1/recordings/{id}/restart', parameters: { id: ID } },
  { operation: 'POST /v1/recordings/{id}/pause', parameters: { id: ID } },
  { operation: 'POST /v1/recordings/{id}/resume', parameters: { id: ID } },
  { operation: 'POST /v1/recordings/{id}/stop', parameters: { id: 'gone' } },
  { operation: 'GET /v1/summary' },
  { operation: 'GET /v1/deliveries', query: { state: 'failed', destination: 'backend', limit: '5' } },
  { operation: 'GET /v1/deliveries/{id}', parameters: { id: 'dlv_unknown' } },
  { operation: 'POST /v1/deliveries/{id}/redeliver', parameters: { id: 'dlv_unknown' } },
  {
    operation: 'POST /v1/deliveries/redeliver',
    body: { destination: 'backend', since: '2026-01-01T00:00:00Z' },
  },
  { operation: 'POST /v1/deliveries/test', body: { destination: 'backend' } },
  { operation: 'GET /v1/destinations' },
  { operation: 'POST /v1/destinations/{name}/pause', parameters: { name: 'backend' } },
  { operation: 'POST /v1/destinations/{name}/resume', parameters: { name: 'backend' } },
  { operation: 'GET /v1/events', query: { from: '0', code: 'recording.rolling', 'label.course': '7b' } },
  { operation: 'GET /v1/jobs', query: { limit: '5' } },
  { operation: 'GET /v1/jobs/{id}', parameters: { id: 'evening' } },
  { operation: 'POST /v1/jobs', body: { id: 'evening', action: 'pause', ids: [ID, 'gone'] }, weight: 0.3 },
  {
    operation: 'POST /v1/jobs',
    body: { action: 'resume', filter: { state: ['paused'], labels: { course: '7b' } } },
    weight: 0.1,
  },
  { operation: 'POST /v1/jobs/{id}/cancel', parameters: { id: 'evening' } },
  { operation: 'GET /v1/keys' },
  { operation: 'POST /v1/keys', body: { name: 'billing', scope: 'read' }, weight: 0.1 },
  { operation: 'DELETE /v1/keys/{id}', parameters: { id: 'key_unknown' } },
  { operation: 'POST /v1/backup', weight: 0.01 },
  { operation: 'GET /healthz' },
  { operation: 'GET /readyz' },
  { operation: 'GET /probe.js' },
  {
    operation: 'POST /v1/reports',
    body: {
      ...{
        v: 1,
        type: 'heartbeat',
        token,
        page: 'page1',
        seq: 9,
        at: 1000,
        visible: true,
        late: 0,
        missed: 0,
      },
      ...{ errors: 0, failed: 0, frames: 0, media: [], warnings: [], checks: [{ name: '#board', ok: true }] },
    },
    weight: 6,
  },
  {
    operation: 'POST /v1/notifications',
    body: {
      ...{ noticeId: 'notice1', productId: 3, eventType: 70, notifyMs: 1_767_225_600_000 },
      payload: {
        ...{ cname: ID, uid: '900001', sid: 'sid1', sequence: 0, sendts: 1_767_225_600_000, serviceType: 6 },
        details: { msgName: 'web_recorder_started' },
      },
    },
    weight: 6,
  },
]

/** The key that the requests are sent with, unless a mutation takes it away. */
export const API_KEY: string = SECRETS.apiKey
