import type { AddressInfo } from 'node:net'
import { type Emulator, type EmulatorOptions, startEmulator } from '@stillrolling/emulator'
import { createApi, type RecordingApi } from '@stillrolling/examples/testbed'
import { createCloudRecording, signNotification } from '@stillrolling/rest-core'
import { onTestFinished, vi } from 'vitest'
import { assemble, type Parts } from '../../packages/reporter/src/assemble.ts'
import { type Config, readConfig } from '../../packages/reporter/src/config.ts'
import { createHttpServer } from '../../packages/reporter/src/http/httpServer.ts'
import { createLog } from '../../packages/reporter/src/log.ts'
import { createBackups } from '../../packages/reporter/src/runtime/backups.ts'
import { migrate } from '../../packages/reporter/src/store/migrate.ts'
import { openSqlite } from '../../packages/reporter/src/store/sqlite/openSqlite.ts'
import { createSqliteStore } from '../../packages/reporter/src/store/sqlite/sqliteStore.ts'
import { createCountedFetch } from './countedFetch.ts'
import { createVirtualTime, type VirtualTime } from './virtualTime.ts'

/**
 * A reporter and an emulator that talk over HTTP, in both directions, and share one time: hours pass in seconds, and a
 * test sees what happens in each of them.
 */
export interface Stage {
  emulator: Emulator
  /** The reporter's API over HTTP. Each call waits until what it causes has happened. */
  api: RecordingApi
  reporterUrl: string
  now(): number
  /**
   * Lets time pass.
   * @param step seconds between two looks of the reporter for deadlines; above 5 it would take them for a downtime. @default 1
   */
  pass(seconds: number, step?: number): Promise<void>
  /** Waits until what has been caused has happened. Takes no time. */
  settle(): Promise<void>
  /** A message of the console's webhook, signed as Agora signs it. @returns the status of the answer */
  notify(body: object): Promise<number>
}

export interface StageOptions {
  emulator?: Partial<EmulatorOptions>
  /** Environment variables of the reporter. */
  environment?: Record<string, string>
}

const APP_ID = '0123456789abcdef0123456789abcdef'
const NOTIFICATION_SECRET = 'signs-notifications'
const API_KEY = 'key-of-the-business-server'

/** Opens a stage, which closes when the test has finished. */
export const openStage = async (options: StageOptions = {}): Promise<Stage> => {
  const network = createCountedFetch(globalThis.fetch)
  // The emulator sends its notifications with the global one.
  vi.stubGlobal('fetch', network.fetch)
  onTestFinished(() => {
    vi.unstubAllGlobals()
  })
  // Tokens are made and checked with this time and the machine's.
  const time = createVirtualTime(Math.floor(Date.now() / 1000) * 1000)
  const emulator = await startEmulator({
    appId: APP_ID,
    customerId: 'customer',
    customerSecret: 'customer-secret',
    browser: false,
    openDelay: 2,
    qps: null,
    clock: time,
    ...options.emulator,
  })
  onTestFinished(() => emulator.close())
  const config = readConfig({
    PUBLIC_URL: 'http://reporter.test',
    STILLROLLING_SECRET: 'signs-tokens-of-pages-0123456789',
    STILLROLLING_API_KEYS: API_KEY,
    DATABASE_FILE: ':memory:',
    AGORA_APP_ID: APP_ID,
    AGORA_CUSTOMER_ID: 'customer',
    AGORA_CUSTOMER_SECRET: 'customer-secret',
    AGORA_NOTIFICATION_SECRET: NOTIFICATION_SECRET,
    AGORA_BASE_URLS: emulator.url,
    STORAGE_PROFILES: JSON.stringify({
      default: { vendor: 1, region: 0, bucket: 'bucket', accessKey: 'access', secretKey: 'secret' },
    }),
    LOG_LEVEL: 'error',
    ...options.environment,
  })
  const { reporterUrl, parts } = await startReporter(config, time, network.fetch)
  emulator.setNotificationTarget({ url: `${reporterUrl}/v1/notifications`, secret: NOTIFICATION_SECRET })

  const { settle } = network
  const pass: Stage['pass'] = async (seconds, step = 1) => {
    const end = time.now() + seconds * 1000
    while (time.now() < end) {
      await time.advanceTo(Math.min(end, time.now() + step * 1000), settle)
      await parts.sweep.runOnce()
      parts.runner.poke()
      await settle()
    }
  }
  return {
    emulator,
    reporterUrl,
    now: time.now,
    pass,
    settle,
    api: settling(createApi(reporterUrl, API_KEY), settle),
    notify: async (body) => {
      const text = JSON.stringify(body)
      const headers = { 'content-type': 'application/json', ...signNotification(text, NOTIFICATION_SECRET) }
      const answer = await fetch(`${reporterUrl}/v1/notifications`, { method: 'POST', headers, body: text })
      await settle()
      return answer.status
    },
  }
}

/** All parts of a reporter but the timers of its sweep, which `pass` stands in for. */
const startReporter = async (
  config: Config,
  time: VirtualTime,
  fetch: typeof globalThis.fetch,
): Promise<{ reporterUrl: string; parts: Parts }> => {
  const db = openSqlite(config.databaseFile)
  await migrate(db)
  const { qps: _, ...account } = config.agora
  const parts = assemble({
    store: createSqliteStore(db),
    backups: createBackups('', async () => {}),
    clock: time,
    agora: createCloudRecording({ ...account, fetch, clock: time }),
    config,
    probeFiles: { script: '', named: new Map() },
    log: createLog(config.logLevel),
    fetch,
  })
  await parts.downtimes.begin()
  await parts.runner.start()
  const { server } = createHttpServer(parts.app.fetch, { hostname: '127.0.0.1', timeouts: config.http })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(async () => {
    parts.refresher.stop()
    server.close()
    server.closeAllConnections()
    await parts.runner.stop(0)
    await db.destroy()
  })
  return { parts, reporterUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

const settling = (api: RecordingApi, settle: () => Promise<void>): RecordingApi =>
  Object.fromEntries(
    Object.entries(api).map(([name, call]) => [
      name,
      async (...args: unknown[]) => {
        const answer = await (call as (...args: unknown[]) => Promise<unknown>)(...args)
        await settle()
        return answer
      },
    ]),
  ) as unknown as RecordingApi
