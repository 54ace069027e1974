import type { CloudRecording, TaskAddress } from '@stillrolling/rest-core'

/** What the examples in docs/rest-core.md and in the package's README use without declaring it. */
export interface Names {
  appId: string
  customerId: string
  customerSecret: string
  credentials: { appId: string; customerId: string; customerSecret: string }
  fetch: typeof globalThis.fetch
  accessKey: string
  secretKey: string
  client: CloudRecording
  task: TaskAddress
  sid: string
  seen: string[]
  rows: { save(row: object): Promise<void> }
  saveSomewhere(resourceId: string): Promise<void>
  request: Request
  secrets: string[]
  signal: AbortSignal | undefined
  proxyToken: string
  startSpan(request: object): string
}
