import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Emulator, type EmulatorOptions, startEmulator } from '@stillrolling/emulator'
import type { PageServer } from '../pages/serveApp.ts'
import { type PageServerOptions, servePages } from '../pages/server.ts'
import { createApi, type RecordingApi } from './api.ts'
import { freePort } from './freePort.ts'
import { type ReporterProcess, type ReporterProcessOptions, startReporterProcess } from './reporterProcess.ts'

/** Everything that a recording needs, on this machine: an emulator of Agora, the example pages and a reporter. */
export interface Testbed {
  emulator: Emulator
  pages: PageServer
  api: RecordingApi
  apiKey: string
  reporterUrl: string
  reporter(): ReporterProcess
  /** Starts a new reporter on the same database and port; the previous one must have ended. */
  restartReporter(): Promise<void>
  /** Ends all parts and removes their files. May be called twice. */
  close(): Promise<void>
}

export interface TestbedOptions extends ReporterProcessOptions {
  emulator?: Partial<EmulatorOptions>
  /** Where the pages load the probe from. @default 'reporter' */
  probe?: PageServerOptions['probe']
  /** The reporter's port. @default any free one */
  port?: number
  /**
   * Where pages and Agora's notifications reach the reporter, for example a proxy in front of `port`.
   * @default the reporter's own address
   */
  publicUrl?: string
  /** Environment variables of the reporter; they override the testbed's. */
  environment?: Record<string, string>
}

/**
 * Starts all parts on 127.0.0.1, with secrets that are made for this run.
 * @throws when a part cannot start; those that have started are ended first
 */
export const openTestbed = async (options: TestbedOptions = {}): Promise<Testbed> => {
  const cleanups: (() => Promise<unknown>)[] = []
  const close = async (): Promise<void> => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
  }
  try {
    const folder = await mkdtemp(join(tmpdir(), 'stillrolling-'))
    cleanups.push(() => rm(folder, { recursive: true, force: true }))
    const port = options.port ?? (await freePort())
    const reporterUrl = `http://127.0.0.1:${port}`
    const publicUrl = options.publicUrl ?? reporterUrl
    const appId = random()
    const secrets = { customer: random(), notification: random(), token: random(), api: random() }

    const emulator = await startEmulator({
      appId,
      customerId: 'demo',
      customerSecret: secrets.customer,
      notifications: { url: `${publicUrl}/v1/notifications`, secret: secrets.notification },
      openDelay: 1,
      ...options.emulator,
    })
    cleanups.push(() => emulator.close())
    const pages = await servePages({ reporterUrl: publicUrl, probe: options.probe })
    cleanups.push(() => pages.close())

    const environment = {
      HOST: '127.0.0.1',
      PORT: String(port),
      PUBLIC_URL: publicUrl,
      DATABASE_FILE: join(folder, 'stillrolling.db'),
      STILLROLLING_SECRET: secrets.token,
      STILLROLLING_API_KEYS: secrets.api,
      AGORA_APP_ID: appId,
      AGORA_CUSTOMER_ID: 'demo',
      AGORA_CUSTOMER_SECRET: secrets.customer,
      AGORA_NOTIFICATION_SECRET: secrets.notification,
      AGORA_BASE_URLS: emulator.url,
      STORAGE_PROFILES: JSON.stringify({
        default: { vendor: 1, region: 0, bucket: 'demo', accessKey: 'demo', secretKey: random() },
      }),
      LOG_LEVEL: 'warn',
      ...options.environment,
    }
    const startReporter = () => startReporterProcess(reporterUrl, environment, options)
    let reporter = await startReporter()
    cleanups.push(() => reporter.stop())
    return {
      emulator,
      pages,
      api: createApi(reporterUrl, secrets.api),
      apiKey: secrets.api,
      reporterUrl,
      reporter: () => reporter,
      restartReporter: async () => {
        reporter = await startReporter()
      },
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

const random = (): string => randomBytes(24).toString('hex')
