import type { AnnouncedReason, AnnouncedRecording } from '../../../runtime/deliveries/announcement.ts'
import type { DeliveryType } from '../../../runtime/deliveries/deliveryTypes.ts'
import type { DeliverySummary, DeliveryView } from '../../deliveries/deliveryView.ts'
import type { DestinationView } from '../../deliveries/destinationRoutes.ts'

const ID = 'dlv_5b0c0c0f5d1b4d0c9d1c1e8f3a2b4c5d'
const TIME = '2026-01-01T09:10:06.000Z'

const about = (state: AnnouncedRecording['state'], attempt: number | null = 1): AnnouncedRecording => ({
  id: 'class42',
  kind: 'page',
  labels: { course: '7b' },
  state,
  attempt,
  sid: attempt === null ? null : '2a1b0c3d4e5f60718293a4b5c6d7e8f9',
})

const UNHEALTHY: AnnouncedReason = {
  code: 'page_unhealthy',
  message: 'The page reports: #board (hidden)',
  evidence: { failing: [{ name: '#board', detail: 'hidden' }] },
}
const SILENT: AnnouncedReason = {
  code: 'page_silent',
  message: 'The page has sent no report for 30 s',
  evidence: { lastBeatAt: TIME },
}
const OUTAGE: AnnouncedReason = {
  code: 'ingress_outage',
  message: 'Most pages are silent together',
  evidence: { silent: 40, expected: 42 },
}
const PLANNED: AnnouncedReason = {
  code: 'max_recording_hour',
  message: 'The attempt has reached its 3 hours',
  evidence: {},
}
const ATTENTION = {
  code: 'slow_retries',
  message: 'The recording is retried slowly: 6 attempts have failed within 600 s',
  since: TIME,
}

const TIME_OVER = {
  code: 'time_over',
  message: "The recording's time was over at 2027-01-15 10:45:00 UTC (stopAt)",
  evidence: { limit: 'stopAt', endsAt: 1_800_009_900_000, stopAt: 1_800_009_900_000, maxDuration: null },
}

/** What each type has besides `type`, `id`, `time` and `sequence`. */
const FIELDS: Record<DeliveryType, object> = {
  'recording.created': { recording: about('starting') },
  'recording.rolling': { recording: about('rolling') },
  'recording.unhealthy': { recording: about('unhealthy'), reason: UNHEALTHY, final: false },
  'recording.recovering': { recording: about('recovering', null), reason: SILENT },
  'recording.attempt_failed': { recording: about('recovering', null), reason: SILENT, attempt: 1 },
  'recording.restarted': { recording: about('rolling', 2), reason: SILENT, from: 1, to: 2 },
  'recording.rolled_over': { recording: about('rolling', 2), reason: PLANNED, from: 1, to: 2 },
  'recording.paused': { recording: about('paused'), reason: null },
  'recording.resumed': { recording: about('rolling') },
  'recording.stopped': { recording: about('stopped', null), reason: TIME_OVER },
  'recording.failed': { recording: about('failed', null), reason: SILENT },
  'recording.attention_raised': { recording: about('recovering', null), attention: ATTENTION },
  'recording.attention_cleared': { recording: about('rolling', 7), attention: ATTENTION },
  'recording.files_added': {
    recording: about('rolling'),
    files: [{ name: '2a1b0c3d4e5f60718293a4b5c6d7e8f9_class42.m3u8', attempt: 1 }],
    count: 1,
  },
  'page.note': { recording: about('rolling'), attempt: 1, note: { slide: 3 } },
  'supervisor.paused': { reason: OUTAGE },
  'supervisor.resumed': { reason: null },
  'delivery.exhausted': {
    reason: { code: 'refused', message: 'The destination answered 410', evidence: { status: 410 } },
    destination: { name: 'backend' },
    delivery: { id: ID, type: 'recording.failed' },
  },
  'delivery.recovered': { destination: { name: 'backend' } },
  'delivery.test': {},
}

/** A body of each type. */
export const BODIES: Record<string, Record<string, unknown>> = Object.fromEntries(
  Object.entries(FIELDS).map(([type, fields]) => [
    type,
    { type, id: ID, time: TIME, ...fields, sequence: 3 },
  ]),
)

const SUMMARY: DeliverySummary = {
  id: ID,
  destination: 'backend',
  recording: 'class42',
  sequence: 3,
  type: 'recording.unhealthy',
  state: 'delivered',
  createdAt: TIME,
  queuedAt: TIME,
  redelivered: false,
  tries: 1,
  endedAt: '2026-01-01T09:10:07.000Z',
  lastTry: { at: TIME, durationMs: 84, status: 204, answer: '', error: null },
}

export const DELIVERY_PAGE: { items: DeliverySummary[]; next: number | null } = {
  items: [SUMMARY],
  next: null,
}

export const DELIVERY: DeliveryView = { ...SUMMARY, body: BODIES['recording.unhealthy'] ?? {} }

export const QUEUED: DeliveryView = {
  ...DELIVERY,
  state: 'pending',
  redelivered: true,
  tries: 0,
  endedAt: null,
  lastTry: null,
}

export const TEST: DeliveryView = {
  ...QUEUED,
  recording: null,
  type: 'delivery.test',
  redelivered: false,
  body: BODIES['delivery.test'] ?? {},
}

export const DESTINATION: DestinationView = {
  name: 'backend',
  preset: 'standard',
  origin: 'https://app.example.com',
  types: ['recording.*', 'supervisor.*'],
  state: 'up',
  pausedAt: null,
  failingSince: null,
  pending: 0,
  failed: 0,
  oldestQueuedAt: null,
}
