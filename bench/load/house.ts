import { type ChildProcess, fork } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type CallView, type Emulator, startEmulator } from '@stillrolling/emulator'
import { createApi, freePort, type RecordingApi } from '@stillrolling/examples/testbed'
import type { PagesOrder, PagesSaid } from './pages.ts'
import { type MeasuredReporter, startMeasuredReporter } from './reporterProcess.ts'

/** The reporter, the load on it, and Agora's stand-in, each as far apart as the figures need. */
export interface House {
  emulator: Emulator
  api: RecordingApi
  /** Calls that have reached Agora, oldest first. */
  calls: readonly CallAt[]
  /** Starts a reporter on the house's database that may send Agora so many requests per second. */
  startReporter(qps: number): Promise<MeasuredReporter>
  /** Page `id` says nothing from now on. */
  silence(id: string): void
  pages(): Promise<PagesSaid>
  /** Leaves no process and no file. */
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

/** Sets up all but the reporter. `recordings`: how many there will be at once. */
export const openHouse = async (recordings: number): Promise<House> => {
  const folder = await mkdtemp(join(tmpdir(), 'stillrolling-load-'))
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const secret = (): string => randomBytes(24).toString('hex')
  const secrets = { customer: secret(), notification: secret(), api: secret() }
  const calls: CallAt[] = []
  const pages = fork(new URL('./pages.ts', import.meta.url), [url])
  const tell = (order: PagesOrder): void => {
    pages.send(order)
  }

  const emulator = await startEmulator({
    appId: 'load',
    customerId: 'load',
    customerSecret: secrets.customer,
    notifications: { url: `${url}/v1/notifications`, secret: secrets.notification },
    browser: false,
    // The limit is the reporter's to keep: what it sends is counted.
    qps: null,
    concurrency: 2 * recordings + 100,
    log: (event) => {
      if (event.type !== 'call' || !event.call.call) return
      const { call, cname, uid, sid, at, status, body } = event.call
      calls.push({ call: event.call.call, cname, uid, at: Date.parse(at) })
      if (call !== 'start' || status !== 200 || cname === null || sid === null) return
      const open = async (): Promise<void> => {
        if (!pages.connected) return
        tell({ do: 'open', id: cname, token: tokenIn(body) })
        await emulator.runCommand(sid, { do: 'notifyReady' })
      }
      setTimeout(open, OPEN_DELAY_MS).unref()
    },
  })

  const environment = {
    HOST: '127.0.0.1',
    PORT: String(port),
    PUBLIC_URL: url,
    DATABASE_FILE: join(folder, 'stillrolling.db'),
    STILLROLLING_SECRET: secret(),
    STILLROLLING_API_KEYS: secrets.api,
    AGORA_APP_ID: 'load',
    AGORA_CUSTOMER_ID: 'load',
    AGORA_CUSTOMER_SECRET: secrets.customer,
    AGORA_NOTIFICATION_SECRET: secrets.notification,
    AGORA_BASE_URLS: emulator.url,
    STORAGE_PROFILES: JSON.stringify({
      default: { vendor: 1, region: 0, bucket: 'load', accessKey: 'load', secretKey: secret() },
    }),
    LOG_LEVEL: 'warn',
  }
  let reporter: MeasuredReporter | undefined
  return {
    emulator,
    api: createApi(url, secrets.api),
    calls,
    startReporter: async (qps) => {
      reporter = await startMeasuredReporter(url, { ...environment, AGORA_QPS: String(qps) })
      return reporter
    },
    silence: (id) => tell({ do: 'silence', id }),
    pages: async () => {
      tell({ do: 'tell' })
      const [said] = (await once(pages, 'message')) as [PagesSaid]
      return said
    },
    close: async () => {
      await end(pages)
      reporter?.kill()
      await emulator.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

const end = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null) return
  child.kill('SIGKILL')
  await once(child, 'exit')
}

interface StartBody {
  clientRequest: { extensionServiceConfig: { extensionServices: { serviceParam: { url: string } }[] } }
}

/** Of the page that a start asks for. */
const tokenIn = (body: unknown): string => {
  const [service] = (body as StartBody).clientRequest.extensionServiceConfig.extensionServices
  return new URL(service?.serviceParam.url ?? '').searchParams.get('stillrolling') ?? ''
}
