import { CHECKS, type Readiness } from '../../runtime/health.ts'
import { ATTENTION_CODES, RECORDING_STATES } from '../../supervisor/recording.ts'
import type { JobSummary, JobView } from '../jobs/jobView.ts'
import type { KeyView } from '../keys/keyView.ts'
import type { SummaryView } from '../summary.ts'
import { BODIES, DELIVERY, DELIVERY_PAGE, DESTINATION, QUEUED, TEST } from './examples/deliveries.ts'
import {
  ATTEMPT_PAGE,
  CHANGED,
  PAUSED,
  RECORDING,
  RECORDING_PAGE,
  STARTED,
  STATISTICS,
  STOPPED,
  TIMELINE_PAGE,
} from './examples/recordings.ts'

/** Of an operation: the body of a request, and those of responses by status. */
export interface Example {
  request?: unknown
  responses: Readonly<Record<string, unknown>>
}

const ok = (body: unknown): Example => ({ responses: { 200: body } })

const START = {
  id: 'class42',
  url: 'https://app.example.com/room/42',
  expect: ['#board'],
  labels: { course: '7b' },
  metadata: { lesson: 12 },
}

const JOB_SUMMARY: JobSummary = {
  ...{ id: 'evening-stop', action: 'stop', state: 'running', total: 120, done: 0, failedCount: 0 },
  ...{ createdAt: '2026-01-01T18:00:00.000Z', endedAt: null },
}
const JOB: JobView = { ...JOB_SUMMARY, failed: [] }
const JOB_DONE: JobView = {
  ...{ ...JOB, state: 'done', done: 119, failedCount: 1, endedAt: '2026-01-01T18:00:02.000Z' },
  failed: [
    {
      id: 'class41',
      problem: {
        code: 'recording_not_found',
        detail: 'No recording has the id "class41". GET /v1/recordings lists all of them.',
      },
    },
  ],
}

const counts = <Name extends string>(
  names: readonly Name[],
  known: Partial<Record<Name, number>>,
): Record<Name, number> =>
  Object.fromEntries(names.map((name) => [name, known[name] ?? 0])) as Record<Name, number>

const KEY: KeyView = {
  id: 'key_0123456789abcdef',
  name: 'backend',
  scope: 'write',
  createdAt: '2026-01-01T09:00:00.000Z',
  lastUsedAt: '2026-01-01T09:10:00.000Z',
  revokedAt: null,
}

const SUMMARY: SummaryView = {
  states: counts(RECORDING_STATES, { rolling: 11, unhealthy: 1 }),
  attention: counts(ATTENTION_CODES, {}),
  oldestProblem: { id: 'class42', since: '2026-01-01T09:10:06.000Z', state: 'unhealthy', attention: null },
}

const readiness = (status: Readiness['status'], failing: Partial<Readiness['checks']> = {}): Readiness => ({
  status,
  checks: {
    ...(Object.fromEntries(CHECKS.map((name) => [name, { ok: true, detail: 'ok' }])) as Readiness['checks']),
    ...failing,
  },
})

/** By operationId, and by the type of a webhook. They are those of the OpenAPI document, and a test validates them. */
export const EXAMPLES: Readonly<Record<string, Example>> = {
  startRecording: { request: START, responses: { 200: RECORDING, 201: STARTED } },
  listRecordings: ok(RECORDING_PAGE),
  getRecording: ok(RECORDING),
  changeRecording: { request: { layout: { mixedVideoLayout: 1 } }, responses: { 200: CHANGED } },
  listAttempts: ok(ATTEMPT_PAGE),
  listTimelineEntries: ok(TIMELINE_PAGE),
  listHourlyStatistics: ok(STATISTICS),
  stopRecording: ok(STOPPED),
  restartRecording: ok(RECORDING),
  pauseRecording: ok(PAUSED),
  resumeRecording: ok(RECORDING),
  createJob: {
    request: { id: 'evening-stop', action: 'stop', filter: { state: ['rolling'], labels: { course: '7b' } } },
    responses: { 200: JOB_DONE, 202: JOB },
  },
  listJobs: ok({ items: [JOB_SUMMARY], next: null }),
  getJob: ok(JOB_DONE),
  cancelJob: ok({ ...JOB, state: 'cancelled', done: 40, endedAt: '2026-01-01T18:00:01.000Z' }),
  listDeliveries: ok(DELIVERY_PAGE),
  getDelivery: ok(DELIVERY),
  redeliver: { responses: { 202: QUEUED } },
  redeliverFailed: {
    request: { destination: 'backend', since: '2026-01-01T00:00:00Z' },
    responses: { 202: { count: 12 } },
  },
  sendTestDelivery: { request: { destination: 'backend' }, responses: { 202: TEST } },
  listDestinations: ok({ items: [DESTINATION] }),
  pauseDestination: ok({ ...DESTINATION, state: 'paused', pausedAt: '2026-01-01T09:10:06.000Z' }),
  resumeDestination: ok(DESTINATION),
  listKeys: ok({ items: [KEY] }),
  createKey: {
    request: { name: 'backend', scope: 'write' },
    responses: {
      201: { ...KEY, lastUsedAt: null, secret: 'sr_0123456789abcdefghijklmnopqrstuvwxyzABCDEFG' },
    },
  },
  revokeKey: ok({ ...KEY, revokedAt: '2026-01-01T12:00:00.000Z' }),
  getSummary: ok(SUMMARY),
  getLiveness: ok({ status: 'ok' }),
  getReadiness: {
    responses: {
      200: readiness('ok'),
      503: readiness('unavailable', { database: { ok: false, detail: 'The database cannot be read' } }),
    },
  },
  ...Object.fromEntries(
    Object.entries(BODIES).map(([type, body]): [string, Example] => [type, { request: body, responses: {} }]),
  ),
}
