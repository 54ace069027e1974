import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Emulator, type EmulatorOptions, startEmulator } from '@stillrolling/emulator'
import { type PageServer, type PageServerOptions, servePages } from '../pages/server.ts'
import { createApi, type RecordingApi } from './api.ts'
import { freePort } from './freePort.ts'
import { type ReporterProcess, startReporterProcess } from './reporterProcess.ts'

/** Everything a recording needs, on this machine: Agora's stand-in, the pages, and a reporter. */
export interface Stage {
  emulator: Emulator
  pages: PageServer
  api: RecordingApi
  reporterUrl: string
  reporter(): ReporterProcess
  /** A new reporter on the same database and port; the one before must have ended. */
  restartReporter(): Promise<void>
  /** Ends all of it, and leaves no process and no file. May be called twice. */
  close(): Promise<void>
}

export interface StageOptions {
  emulator?: Partial<EmulatorOptions>
  /** Where the pages load the probe from. @default 'reporter' */
  probe?: PageServerOptions['probe']
  /** Environment variables of the reporter, over those that the stage gives it. */
  environment?: Record<string, string>
  /** Command that the reporter is started under, with its arguments: one that limits it, say. It must `exec`. */
  under?: readonly string[]
}

/**
 * Sets the stage on free ports of 127.0.0.1.
 * @throws when a part cannot start; what has started by then is ended
 */
export const openStage = async (options: StageOptions = {}): Promise<Stage> => {
  const undo: (() => Promise<unknown>)[] = []
  const close = async (): Promise<void> => {
    for (const step of undo.splice(0).reverse()) await step()
  }
  try {
    const folder = await mkdtemp(join(tmpdir(), 'stillrolling-'))
    undo.push(() => rm(folder, { recursive: true, force: true }))
    const port = await freePort()
    const reporterUrl = `http://127.0.0.1:${port}`
    const appId = random()
    const secrets = { customer: random(), notification: random(), token: random(), api: random() }

    const emulator = await startEmulator({
      appId,
      customerId: 'demo',
      customerSecret: secrets.customer,
      notifications: { url: `${reporterUrl}/v1/notifications`, secret: secrets.notification },
      openDelay: 1,
      ...options.emulator,
    })
    undo.push(() => emulator.close())
    const pages = await servePages({ reporterUrl, probe: options.probe })
    undo.push(() => pages.close())

    const environment = {
      HOST: '127.0.0.1',
      PORT: String(port),
      PUBLIC_URL: reporterUrl,
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
    const startReporter = () => startReporterProcess(reporterUrl, environment, options.under)
    let reporter = await startReporter()
    undo.push(() => reporter.stop())
    return {
      emulator,
      pages,
      api: createApi(reporterUrl, secrets.api),
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
