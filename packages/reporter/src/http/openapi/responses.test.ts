import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { createHarness, type Harness, REQUEST } from '../../testing/harness.ts'
import { destinationAt, openReceiver } from '../../testing/receiver.ts'
import { createValidateBySchema, pointerTo } from '../../testing/validateBySchema.ts'

// What a reporter really answers and sends, validated by the schemas of the document: generated clients rely on them.

interface Document {
  paths: Record<string, Record<string, { operationId: string }>>
}
const document = JSON.parse(
  readFileSync(new URL('../../../openapi.json', import.meta.url), 'utf8'),
) as Document
const validate = createValidateBySchema(document)

const CHANNEL = {
  id: 'lesson7',
  kind: 'channel',
  mode: 'mix',
  channel: 'lesson-7',
  recordingConfig: { channelType: 1 },
}

const OTHER = {
  id: 'other',
  url: REQUEST.url,
  standby: true,
  labels: { course: '7b' },
  metadata: { lesson: 12 },
}

interface Call {
  operationId: string
  parameters?: Record<string, string>
  query?: string
  body?: unknown
  status?: number
}

/** In their order; the names of parameters are those of the paths. `delivery` and `key` stand for the ids of a delivery and a key. */
const CALLS: readonly Call[] = [
  { operationId: 'getLiveness' },
  { operationId: 'getReadiness' },
  { operationId: 'getSummary' },
  { operationId: 'startRecording', body: OTHER, status: 201 },
  { operationId: 'startRecording', body: REQUEST },
  { operationId: 'startRecording', body: { ...REQUEST, url: 'https://page.test/room/7' }, status: 409 },
  { operationId: 'startRecording', body: { url: 'nothing', colour: 'red' }, status: 422 },
  { operationId: 'startRecording', body: CHANNEL, status: 201 },
  {
    operationId: 'changeRecording',
    parameters: { id: 'lesson7' },
    body: { layout: { mixedVideoLayout: 1 } },
  },
  { operationId: 'getRecording', parameters: { id: 'lesson7' } },
  { operationId: 'getRecording', parameters: { id: REQUEST.id } },
  { operationId: 'getRecording', parameters: { id: 'other' } },
  { operationId: 'getRecording', parameters: { id: 'other~standby' } },
  { operationId: 'getRecording', parameters: { id: 'none' }, status: 404 },
  { operationId: 'followEvents', query: '?from=0' },
  { operationId: 'listRecordings' },
  { operationId: 'listRecordings', query: '?limit=1&label.course=7b', status: 200 },
  { operationId: 'listRecordings', query: '?status=failed', status: 422 },
  { operationId: 'listAttempts', parameters: { id: REQUEST.id } },
  { operationId: 'listTimelineEntries', parameters: { id: REQUEST.id } },
  { operationId: 'listHourlyStatistics', parameters: { id: REQUEST.id } },
  { operationId: 'pauseRecording', parameters: { id: REQUEST.id } },
  { operationId: 'pauseRecording', parameters: { id: 'lesson7' }, status: 409 },
  { operationId: 'resumeRecording', parameters: { id: REQUEST.id } },
  { operationId: 'restartRecording', parameters: { id: REQUEST.id } },
  { operationId: 'stopRecording', parameters: { id: REQUEST.id } },
  { operationId: 'restartRecording', parameters: { id: REQUEST.id }, status: 409 },
  {
    operationId: 'createJob',
    body: { id: 'job7', action: 'pause', ids: ['other', 'none', 'lesson7'] },
    status: 202,
  },
  { operationId: 'createJob', body: { id: 'job7', action: 'pause', ids: ['other', 'none', 'lesson7'] } },
  { operationId: 'createJob', body: { id: 'job7', action: 'stop', ids: ['other'] }, status: 409 },
  { operationId: 'createJob', body: { action: 'stop', filter: {} }, status: 422 },
  { operationId: 'listJobs' },
  { operationId: 'getJob', parameters: { id: 'job7' } },
  { operationId: 'getJob', parameters: { id: 'none' }, status: 404 },
  { operationId: 'cancelJob', parameters: { id: 'job7' } },
  { operationId: 'listDestinations' },
  { operationId: 'pauseDestination', parameters: { name: 'backend' } },
  { operationId: 'resumeDestination', parameters: { name: 'backend' } },
  { operationId: 'listDeliveries' },
  { operationId: 'getDelivery', parameters: { id: 'delivery' } },
  { operationId: 'redeliver', parameters: { id: 'delivery' }, status: 202 },
  {
    operationId: 'redeliverFailed',
    body: { destination: 'backend', since: '2026-01-01T00:00:00Z' },
    status: 202,
  },
  { operationId: 'sendTestDelivery', body: { destination: 'backend' }, status: 202 },
  { operationId: 'sendTestDelivery', body: { destination: 'none' }, status: 404 },
  { operationId: 'createBackup' },
  { operationId: 'createKey', body: { name: 'backend', scope: 'write' }, status: 201 },
  { operationId: 'createKey', body: { name: 'backend', scope: 'root' }, status: 422 },
  { operationId: 'listKeys' },
  { operationId: 'revokeKey', parameters: { id: 'key' } },
  { operationId: 'revokeKey', parameters: { id: 'none' }, status: 404 },
]

const operations = new Map(
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { operationId }]) => [operationId, { path, method }] as const),
  ),
)

/** What is wrong with its response. */
const call = async (
  harness: Harness,
  { operationId, parameters = {}, query = '', body, status = 200 }: Call,
) => {
  const { path, method } = operations.get(operationId) ?? { path: '', method: '' }
  const target = path.replace(/{(\w+)}/g, (_, name: string) => encodeURIComponent(parameters[name] ?? ''))
  const response = await harness.api(method.toUpperCase(), target + query, body)
  if (response.status !== status) return [`${response.status}: ${await response.text()}`]
  const type = response.headers.get('content-type') ?? ''
  if (!type.includes('json')) return []
  const pointer = pointerTo('paths', path, method, 'responses', String(status), 'content', type, 'schema')
  return validate(pointer, await response.json())
}

test('every operation answers as its schema says, and every delivery is as its own says', async () => {
  const receiver = await openReceiver()
  const deliveries = { destinations: [destinationAt(receiver.url)], allowPrivate: true }
  const harness = await createHarness({ deliveries })
  await harness.rolling()
  await harness.report({ checks: [{ name: '#board', ok: false, detail: 'hidden' }], seq: 3 })
  await harness.drainEffects()
  const { items } = (await (await harness.api('GET', '/v1/deliveries')).json()) as { items: { id: string }[] }
  const made = await harness.api('POST', '/v1/keys', { name: 'ops', scope: 'read' })
  const known = new Map([
    ['delivery', items[0]?.id ?? ''],
    ['key', ((await made.json()) as { id: string }).id],
  ])
  for (const each of CALLS) {
    const parameters = Object.entries(each.parameters ?? {}).map(([name, value]) => [
      name,
      known.get(value) ?? value,
    ])
    const wrong = await call(harness, { ...each, parameters: Object.fromEntries(parameters) })
    expect(wrong, `${each.operationId} ${JSON.stringify(each)}`).toEqual([])
    await harness.drainEffects()
  }
  expect([...operations.keys()].filter((id) => !CALLS.some(({ operationId }) => operationId === id))).toEqual(
    [],
  )

  const types = new Set<string>()
  for (const { body } of receiver.received) {
    const { type } = body as { type: string }
    types.add(type)
    const pointer = pointerTo(
      'webhooks',
      type,
      'post',
      'requestBody',
      'content',
      'application/json',
      'schema',
    )
    expect(validate(pointer, body)).toEqual([])
  }
  expect(types).toContain('recording.unhealthy')
  expect(types).toContain('recording.stopped')
})
