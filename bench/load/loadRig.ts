import { type ChildProcess, fork } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type CallView, type Emulator, startEmulator } from '@stillrolling/emulator'
import { createApi, freePort, type RecordingApi } from '@stillrolling/examples/testbed'
import type { PagesCommand, PagesStats } from './pages.ts'
import { type MeasuredReporter, startMeasuredReporter } from './reporterProcess.ts'

/** A reporter under load, the pages and an emulator of Agora. The reporter and the pages are processes of their own. */
export interface LoadRig {
  emulator: Emulator
  api: RecordingApi
  /** Calls that have reached Agora, oldest first. */
  calls: readonly CallAt[]
  /** Starts a reporter on the rig's database. @param qps requests per second that it may send to Agora */
  startReporter(qps: number): Promise<MeasuredReporter>
  /** The page of recording `id` sends no more reports. */
  silence(id: string): void
  /** What the pages measured since the last call. */
  pageStats(): Promise<PagesStats>
  /** Ends all processes and removes all files. */
  close(): Promise<void>
}

export interface CallAt {
  call: NonNullable<CallView['call']>
  cname: string | null
  uid: string | null
  /** Milliseconds since the epoch. */
  at: number
}

/** Agora takes about 5 s from start until the page is opened. */
const OPEN_DELAY_MS = 5000

/** Starts everything but the reporter. @param recordings how many recordings there will be at the same time */
export const startLoadRig = async (recordings: number): Promise<LoadRig> => {
  const folder = await mkdtemp(join(tmpdir(), 'stillrolling-load-'))
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const secrets: Secrets = { customer: secret(), notification: secret(), api: secret() }
  const calls: CallAt[] = []
  const pages = fork(new URL('./pages.ts', import.meta.url), [url])
  const command = (each: PagesCommand): void => {
    pages.send(each)
  }

  const emulator = await startEmulator({
    appId: 'load',
    customerId: 'load',
    customerSecret: secrets.customer,
    notifications: { url: `${url}/v1/notifications`, secret: secrets.notification },
    browser: false,
    // The reporter keeps to the quota: the benchmark counts what it sends.
    qps: null,
    concurrency: 2 * recordings + 100,
    log: (event) => {
      if (event.type !== 'call' || !event.call.call) return
      const { call, cname, uid, sid, at, status, body } = event.call
      calls.push({ call: event.call.call, cname, uid, at: Date.parse(at) })
      if (call !== 'start' || status !== 200 || cname === null || sid === null) return
      const open = async (): Promise<void> => {
        if (!pages.connected) return
        command({ do: 'open', id: cname, token: tokenIn(body) })
        await emulator.runCommand(sid, { do: 'notifyReady' })
      }
      setTimeout(open, OPEN_DELAY_MS).unref()
    },
  })

  const databaseFile = join(folder, 'stillrolling.db')
  const environment = reporterEnvironment({ port, databaseFile, secrets, emulatorUrl: emulator.url })
  let reporter: MeasuredReporter | undefined
  return {
    emulator,
    api: createApi(url, secrets.api),
    calls,
    startReporter: async (qps) => {
      reporter = await startMeasuredReporter(url, { ...environment, AGORA_QPS: String(qps) })
      return reporter
    },
    silence: (id) => command({ do: 'silence', id }),
    pageStats: async () => {
      command({ do: 'report' })
      const [stats] = (await once(pages, 'message')) as [PagesStats]
      return stats
    },
    close: async () => {
      await end(pages)
      reporter?.kill()
      await emulator.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

const reporterEnvironment = (options: {
  port: number
  databaseFile: string
  secrets: Secrets
  emulatorUrl: string
}): Record<string, string> => {
  const { port, databaseFile, secrets, emulatorUrl } = options
  return {
    HOST: '127.0.0.1',
    PORT: String(port),
    PUBLIC_URL: `http://127.0.0.1:${port}`,
    DATABASE_FILE: databaseFile,
    STILLROLLING_SECRET: secret(),
    STILLROLLING_API_KEYS: secrets.api,
    AGORA_APP_ID: 'load',
    AGORA_CUSTOMER_ID: 'load',
    AGORA_CUSTOMER_SECRET: secrets.customer,
    AGORA_NOTIFICATION_SECRET: secrets.notification,
    AGORA_BASE_URLS: emulatorUrl,
    STORAGE_PROFILES: JSON.stringify({
      default: { vendor: 1, region: 0, bucket: 'load', accessKey: 'load', secretKey: secret() },
    }),
    LOG_LEVEL: 'warn',
  }
}

interface Secrets {
  customer: string
  notification: string
  api: string
}

const secret = (): string => randomBytes(24).toString('hex')

const end = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null) return
  child.kill('SIGKILL')
  await once(child, 'exit')
}

interface StartBody {
  clientRequest: { extensionServiceConfig: { extensionServices: { serviceParam: { url: string } }[] } }
}

/** The token in the page URL of a start request. */
const tokenIn = (body: unknown): string => {
  const [service] = (body as StartBody).clientRequest.extensionServiceConfig.extensionServices
  return new URL(service?.serviceParam.url ?? '').searchParams.get('stillrolling') ?? ''
}
