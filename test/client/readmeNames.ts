import type { Client } from '@stillrolling/client'

/** What the examples of packages/client/README.md may use without declaring it. */
export interface Names {
  client: Client
  apiKey: string
  /** The address of a page. */
  page: string
  /** The id of an event. */
  lastEventId: string
  signal: AbortSignal
  request: Request
  secrets: string[]
}
