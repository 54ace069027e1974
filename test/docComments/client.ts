import { randomBytes } from 'node:crypto'
import { startEmulator } from '@stillrolling/emulator'
import { createLog, readConfig, startReporter } from '@stillrolling/reporter'
import { Webhook } from 'standardwebhooks'
import type { Stage } from './stage.ts'

/** What the examples of the client may use without declaring it. */
export interface Names {
  /** Of a reporter. */
  url: string
  apiKey: string
  /** A delivery, and the secrets of its destination. */
  request: Request
  secrets: string[]
}

/** A signed delivery, made by the official library. */
export const createDelivery = (body: Record<string, unknown>): Pick<Names, 'request' | 'secrets'> => {
  const secret = `whsec_${randomBytes(24).toString('base64')}`
  const id = String(body.id)
  const text = JSON.stringify(body)
  const at = new Date()
  const headers = {
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
    'webhook-signature': new Webhook(secret).sign(id, at, text),
  }
  const request = new Request('https://app.example.com/stillrolling', { method: 'POST', body: text, headers })
  return { request, secrets: [secret] }
}

export const FAILED = {
  type: 'recording.failed',
  id: 'dlv_1',
  time: '2026-01-01T09:00:00.000Z',
  recording: { id: 'class42', kind: 'page', labels: {}, state: 'failed', attempt: null, sid: null },
  reason: { code: 'page_silent', message: 'The page has sent no report for 30 s', evidence: {} },
  sequence: 7,
}

/** A reporter in this process, with an emulator that opens no pages. */
export const setUp = async (): Promise<Stage & { names: Names }> => {
  const apiKey = randomBytes(24).toString('hex')
  const customerSecret = randomBytes(24).toString('hex')
  const emulator = await startEmulator({
    appId: 'app1',
    customerId: 'customer1',
    customerSecret,
    browser: false,
  })
  const config = readConfig({
    PORT: '0',
    DATABASE_FILE: ':memory:',
    LOG_LEVEL: 'silent',
    STILLROLLING_SECRET: randomBytes(24).toString('hex'),
    STILLROLLING_API_KEYS: apiKey,
    PUBLIC_URL: 'https://reporter.example.com',
    PUBLIC_URL_CHECK: 'off',
    AGORA_APP_ID: 'app1',
    AGORA_CUSTOMER_ID: 'customer1',
    AGORA_CUSTOMER_SECRET: customerSecret,
    AGORA_BASE_URLS: emulator.url,
    STORAGE_PROFILES: JSON.stringify({
      default: { vendor: 1, region: 0, bucket: 'b', accessKey: 'k', secretKey: 's' },
    }),
  })
  const reporter = await startReporter(config, createLog(config.logLevel))
  return {
    names: { url: reporter.url, apiKey, ...createDelivery(FAILED) },
    run: (work) => work,
    close: async () => {
      await reporter.close()
      await emulator.close()
    },
  }
}
