// Generated from packages/reporter/openapi.json by packages/client/generate.ts. Do not edit.

import type { OperationRow } from '../types.ts'
import type { Operations } from './operations.ts'
import type { DeliveryBodies } from './schemas.ts'

/** What each method sends. */
export const OPERATIONS: Readonly<Record<keyof Operations, OperationRow>> = {
  getLiveness: { method: 'GET', path: '/healthz', idempotent: true },
  getReadiness: { method: 'GET', path: '/readyz', idempotent: true, accepts: [503] },
  startRecording: { method: 'POST', path: '/v1/recordings', body: true, idempotent: true, needsId: true, headers: {'idempotencyKey':'idempotency-key'} },
  listRecordings: { method: 'GET', path: '/v1/recordings', query: true, cursor: 'before', idempotent: true },
  getRecording: { method: 'GET', path: '/v1/recordings/{id}', query: true, idempotent: true },
  changeRecording: { method: 'PATCH', path: '/v1/recordings/{id}', body: true, idempotent: true, headers: {'ifMatch':'if-match'} },
  listAttempts: { method: 'GET', path: '/v1/recordings/{id}/attempts', query: true, cursor: 'before', idempotent: true },
  listTimelineEntries: { method: 'GET', path: '/v1/recordings/{id}/timeline', query: true, cursor: 'after', idempotent: true },
  listHourlyStatistics: { method: 'GET', path: '/v1/recordings/{id}/stats', idempotent: true },
  stopRecording: { method: 'POST', path: '/v1/recordings/{id}/stop', idempotent: true },
  restartRecording: { method: 'POST', path: '/v1/recordings/{id}/restart' },
  pauseRecording: { method: 'POST', path: '/v1/recordings/{id}/pause', idempotent: true },
  resumeRecording: { method: 'POST', path: '/v1/recordings/{id}/resume', idempotent: true },
  listDeliveries: { method: 'GET', path: '/v1/deliveries', query: true, cursor: 'before', idempotent: true },
  getDelivery: { method: 'GET', path: '/v1/deliveries/{id}', idempotent: true },
  redeliver: { method: 'POST', path: '/v1/deliveries/{id}/redeliver' },
  redeliverFailed: { method: 'POST', path: '/v1/deliveries/redeliver', body: true },
  sendTestDelivery: { method: 'POST', path: '/v1/deliveries/test', body: true },
  listDestinations: { method: 'GET', path: '/v1/destinations', idempotent: true },
  pauseDestination: { method: 'POST', path: '/v1/destinations/{name}/pause', idempotent: true },
  resumeDestination: { method: 'POST', path: '/v1/destinations/{name}/resume', idempotent: true },
  listKeys: { method: 'GET', path: '/v1/keys', idempotent: true },
  createKey: { method: 'POST', path: '/v1/keys', body: true },
  revokeKey: { method: 'DELETE', path: '/v1/keys/{id}' },
  getSummary: { method: 'GET', path: '/v1/summary', idempotent: true },
  followEvents: { method: 'GET', path: '/v1/events', query: true, idempotent: true, headers: {'lastEventId':'last-event-id'}, stream: true },
  createJob: { method: 'POST', path: '/v1/jobs', body: true, idempotent: true, needsId: true },
  listJobs: { method: 'GET', path: '/v1/jobs', query: true, cursor: 'before', idempotent: true },
  getJob: { method: 'GET', path: '/v1/jobs/{id}', idempotent: true },
  cancelJob: { method: 'POST', path: '/v1/jobs/{id}/cancel', idempotent: true },
  createBackup: { method: 'POST', path: '/v1/backup', raw: true },
}

export const DELIVERY_TYPES: readonly (keyof DeliveryBodies)[] = [
  'recording.created',
  'recording.rolling',
  'recording.unhealthy',
  'recording.recovering',
  'recording.attempt_failed',
  'recording.restarted',
  'recording.rolled_over',
  'recording.paused',
  'recording.resumed',
  'recording.stopped',
  'recording.failed',
  'recording.attention_raised',
  'recording.attention_cleared',
  'recording.files_added',
  'page.note',
  'supervisor.paused',
  'supervisor.resumed',
  'delivery.exhausted',
  'delivery.recovered',
  'delivery.test',
]
