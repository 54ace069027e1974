import { MAX_REPORT_BYTES, type Report } from '@stillrolling/probe/types'
import { signNotification } from '@stillrolling/rest-core'
import { type Kysely, sql } from 'kysely'
import { onTestFinished } from 'vitest'
import { assemble, type Parts } from '../assemble.ts'
import type { Config } from '../config.ts'
import type { RecordingView } from '../http/recordings/recordingView.ts'
import type { TimelineView } from '../http/recordings/timeline.ts'
import { createLog } from '../log.ts'
import type { ProbeFiles } from '../probeFiles.ts'
import { createBackups } from '../runtime/backups.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Send } from '../runtime/deliveries/send.ts'
import { INGRESS_LIMITS } from '../runtime/ingressWatch.ts'
import { migrate } from '../store/migrate.ts'
import type { Database } from '../store/schema.ts'
import { backupSqlite } from '../store/sqlite/backupSqlite.ts'
import { openSqlite } from '../store/sqlite/openSqlite.ts'
import { createSqliteStore } from '../store/sqlite/sqliteStore.ts'
import { findAttempt } from '../supervisor/attempts.ts'
import { signToken } from '../token.ts'
import { databaseFile } from './database.ts'
import { createFakeAgora, type FakeAgora } from './fakeAgora.ts'

/** Values that must never appear in logs, rows or answers. Each can be searched for. */
export const SECRETS = {
  page: 'SECRET-signs-page-tokens',
  apiKey: 'SECRET-key-of-the-api',
  customer: 'SECRET-of-the-customer',
  notification: 'SECRET-of-notifications',
  accessKey: 'SECRET-access-key',
  storageKey: 'SECRET-storage-key',
  destination: 'SECRET-in-the-address-of-a-destination',
  deliveries: 'U0VDUkVULW9mLWRlbGl2ZXJpZXMtaW4tYmFzZTY0',
} as const

export const config: Config = {
  ingress: INGRESS_LIMITS,
  publicUrl: 'http://reporter.test',
  checkPublicUrl: false,
  host: '127.0.0.1',
  port: 0,
  http: { headers: 10, request: 20, response: 30, keepAlive: 75 },
  shutdownDelay: 0,
  trustedProxies: [],
  // A harness sends the reports of minutes within milliseconds.
  reportLimits: { seconds: 10, reports: 100_000, documents: 100_000, notes: 100_000, refusals: 100_000 },
  apiLimits: { seconds: 60, requests: 1_000_000, refusals: 1_000_000 },
  secrets: [SECRETS.page],
  apiKeys: [SECRETS.apiKey],
  databaseFile: ':memory:',
  agora: {
    appId: 'app1',
    customerId: 'customer1',
    customerSecret: SECRETS.customer,
    baseUrls: ['http://agora.test'],
    backoffScale: 0,
    qps: 10,
  },
  notificationSecrets: [SECRETS.notification],
  tokenUrlSecrets: [],
  tokenUrlReach: 'public',
  storageProfiles: {
    default: {
      vendor: 1,
      region: 0,
      bucket: 'recordings',
      accessKey: SECRETS.accessKey,
      secretKey: SECRETS.storageKey,
    },
  },
  // No jitter and no delay: a restart happens in the next pass.
  defaultPolicy: { restart: { delays: [0], jitter: 0 } },
  deliveries: { destinations: [], allowPrivate: true },
  retentionDays: 90,
  logLevel: 'trace',
}

export const PROBE_FILES: ProbeFiles = {
  script: '// probe',
  named: new Map([
    ['probe.0123abcd.js', '// probe'],
    ['probe-watch.4567cdef.js', '// watch'],
    ['probe-watch.4567cdef.js.map', '{}'],
  ]),
}

/** A minimal request for a recording. */
export const REQUEST = { id: 'class42', url: 'https://page.test/room/42' } as const

/** A reporter in this process, without sockets. Its clock advances only when a test says so. */
export interface Harness {
  readonly db: Kysely<Database>
  readonly agora: FakeAgora
  /** The parts of the running reporter; `crash` replaces them. */
  readonly parts: Parts
  /** All lines logged so far, parsed. */
  log(): Record<string, unknown>[]
  readonly clock: Clock
  now(): number
  /** Advances both clocks in steps of a second, with a pass of the sweep and all its effects after each. */
  pass(seconds: number): Promise<void>
  /** Advances both clocks, and runs nothing. */
  jump(seconds: number): void
  /** Steps only the wall clock, forwards or backwards. */
  stepClock(seconds: number): void
  /** Carries out all claimable effects, and sends all deliveries that are due. */
  drainEffects(): Promise<void>
  /** Abandons the running reporter as a kill would, and starts another one on the same database. */
  crash(): Promise<void>
  /** All rows of all tables. */
  dump(): Promise<Record<string, unknown[]>>
  request(path: string, init?: RequestInit): Promise<Response>
  /** A request with the API key; a body is sent as JSON. */
  api(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Response>
  /** Creates a recording, and waits until Agora has answered. */
  create(body?: Record<string, unknown>): Promise<RecordingView>
  recording(id?: string): Promise<RecordingView>
  timeline(id?: string): Promise<TimelineView[]>
  /** The token in the URL of an attempt's page, by default of attempt 1 of the recording `REQUEST.id`. */
  token(of?: { recordingId?: string; attempt?: number; secret?: string }): Promise<string>
  /** Sends a report, by default a healthy heartbeat of attempt 1 of the recording `REQUEST.id`. */
  report(report: ReportInput): Promise<Response>
  /** Creates a recording whose page has loaded in attempt 1. */
  rolling(body?: Record<string, unknown>): Promise<void>
  /** Sends a signed notification; `headers` replaces the signature. */
  notify(body: unknown, headers?: Record<string, string>): Promise<Response>
}

type ReportInput = Partial<Omit<Report, 'v'>> & { recordingId?: string; attempt?: number }

/** @param world an existing database, when the harness's clock starts, and what the addresses of credentials answer */
export const createHarness = async (
  overrides: Partial<Config> = {},
  world: { db?: Kysely<Database>; startsAt?: number; credentialsFetch?: typeof fetch; send?: Send } = {},
): Promise<Harness> => {
  const { db = openSqlite(':memory:'), startsAt = Date.UTC(2026, 0, 1), credentialsFetch } = world
  const settings = { ...config, ...overrides }
  const backupFile = databaseFile()
  const lines: string[] = []
  const log = createLog(settings.logLevel, { write: (line) => lines.push(line) })
  let time = startsAt
  /** Wall-clock time minus monotonic time. */
  let offset = startsAt
  const now = (): number => time
  const clock: Clock = { now, elapsed: () => time - offset }
  const agora = createFakeAgora(
    settings.agora,
    ({ level, message, ...fields }) => log[level]({ agora: fields }, message),
    now,
  )
  const boot = async (): Promise<Parts> => {
    const parts = assemble({
      store: createSqliteStore(db),
      backups: createBackups(backupFile, (file, shouldStop) => backupSqlite(db, file, shouldStop)),
      clock,
      agora: agora.client,
      config: settings,
      probeFiles: PROBE_FILES,
      log,
      fetch: credentialsFetch,
      send: world.send,
    })
    await parts.downtimes.begin()
    await parts.runner.start()
    await parts.deliveries.worker.start()
    parts.jobs.begin()
    await parts.sweep.runOnce()
    return parts
  }

  await migrate(db)
  let parts = await boot()
  let lastSeq = 0
  onTestFinished(async () => {
    parts.waits.end()
    parts.events.end()
    await parts.jobs.stop()
    parts.refresher.stop()
    await parts.runner.stop()
    await parts.deliveries.worker.stop()
    await db.destroy()
  })

  const harness: Harness = {
    db,
    agora,
    get parts() {
      return parts
    },
    log: () => lines.map((line): Record<string, unknown> => JSON.parse(line)),
    clock,
    now,
    jump: (seconds) => {
      time += seconds * 1000
    },
    pass: async (seconds) => {
      for (let left = seconds; left > 0; left -= 1) {
        time += Math.min(left, 1) * 1000
        await parts.sweep.runOnce()
        await harness.drainEffects()
      }
    },
    stepClock: (seconds) => {
      time += seconds * 1000
      offset += seconds * 1000
    },
    drainEffects: async () => {
      parts.runner.poke()
      await parts.runner.idle()
      parts.deliveries.worker.poke()
      await parts.deliveries.worker.idle()
    },
    crash: async () => {
      // Its running effects continue, like requests of a dead process that are still on the wire.
      parts.waits.end()
      parts.events.end()
      void parts.jobs.stop()
      parts.refresher.stop()
      void parts.runner.stop()
      void parts.deliveries.worker.stop(0)
      parts = await boot()
    },
    dump: async () => {
      const tables = await db.introspection.getTables()
      const rows = await Promise.all(
        tables.map(async ({ name }) => [
          name,
          (await sql`select * from ${sql.table(name)}`.execute(db)).rows,
        ]),
      )
      return Object.fromEntries(rows)
    },
    request: async (path, init) => parts.app.request(path, init),
    api: (method, path, body, headers) =>
      harness.request(path, {
        method,
        headers: {
          authorization: `Bearer ${settings.apiKeys[0]}`,
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      }),
    create: async (body = {}) => {
      const response = await harness.api('POST', '/v1/recordings', { ...REQUEST, ...body })
      if (response.status !== 201) throw new Error(`Not created: ${await response.text()}`)
      const { id } = (await response.json()) as RecordingView
      await harness.drainEffects()
      return harness.recording(id)
    },
    recording: async (id = REQUEST.id) =>
      (await (await harness.api('GET', `/v1/recordings/${id}`)).json()) as RecordingView,
    timeline: async (id = REQUEST.id) => {
      const answer = await harness.api('GET', `/v1/recordings/${id}/timeline`)
      return ((await answer.json()) as { items: TimelineView[] }).items
    },
    token: async ({ recordingId = REQUEST.id, attempt = 1, secret = settings.secrets[0] ?? '' } = {}) => {
      const { engine } = parts
      const known = findAttempt((await engine.peek(recordingId))?.recording, attempt)
      const settled = known ? undefined : (await engine.load(recordingId, attempt))?.recording
      const { nonce = null } = known ?? findAttempt(settled, attempt) ?? {}
      return signToken({ recordingId, attempt, nonce }, secret)
    },
    report: async ({ recordingId, attempt, ...fields }) => {
      lastSeq = fields.seq ?? lastSeq + 1
      const token = fields.token ?? (await harness.token({ recordingId, attempt }))
      return harness.request('/v1/reports', {
        method: 'POST',
        headers: { 'content-type': 'text/plain;charset=UTF-8' },
        body: JSON.stringify({ ...HEALTHY, ...fields, token, seq: lastSeq }),
      })
    },
    rolling: async (body = {}) => {
      const { id } = await harness.create(body)
      await harness.report({ recordingId: id, type: 'hello' })
      await harness.report({ recordingId: id, type: 'loaded' })
    },
    notify: (body, headers) => {
      const text = typeof body === 'string' ? body : JSON.stringify(body)
      return harness.request('/v1/notifications', {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          ...(headers ?? { ...signNotification(text, SECRETS.notification) }),
        },
        body: text,
      })
    },
  }
  return harness
}

/** A healthy heartbeat. */
export const HEALTHY: Omit<Report, 'token' | 'seq'> = {
  v: 1,
  type: 'heartbeat',
  page: 'page1',
  at: 1000,
  checks: [{ name: '#board', ok: true }],
  media: [],
  visible: true,
  late: 0,
  errors: 0,
  failed: 0,
  frames: 0,
  warnings: [],
  missed: 0,
}

/** A well-formed report that is one byte too long. */
export const tooLarge = (report: Record<string, unknown>): string =>
  JSON.stringify(report).padEnd(MAX_REPORT_BYTES + 1, ' ')

/** An Agora notification about attempt 1 of the recording `REQUEST.id`. */
export const notification = (
  event: { eventType: number; details?: Record<string, unknown>; noticeId?: string },
  payload: Record<string, unknown> = {},
): Record<string, unknown> => ({
  noticeId: event.noticeId ?? `notice-${event.eventType}`,
  productId: 3,
  eventType: event.eventType,
  notifyMs: 1_767_225_600_000,
  payload: {
    cname: REQUEST.id,
    uid: '900001',
    sid: 'sid1',
    sequence: 0,
    sendts: 1_767_225_600_000,
    serviceType: 6,
    details: { msgName: 'some_event', ...event.details },
    ...payload,
  },
})
