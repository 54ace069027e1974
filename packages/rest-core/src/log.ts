import type { CallName } from './call.ts'
import type { Meaning } from './classify.ts'
import type { FaultKind } from './fault.ts'

/**
 * One line of the client's log: one per HTTP try. It has no body, no header and no query, so nothing secret
 * can be in it.
 */
export type LogEntry = {
  /** `debug` for a try that did what it should, `warn` for any other. */
  level: 'debug' | 'warn'
  message: string
  call: CallName
  host: string
  /** Counts from 1 within one call. */
  tries: number
  /** Milliseconds that this try waited for the quota. */
  queuedMs: number
  /** How long this try took, body included; milliseconds. */
  elapsedMs: number
  /** HTTP status; absent if no answer came. */
  status?: number
  /** The service's own code. */
  code?: number
  fault?: FaultKind
  meaning: Meaning
  requestId?: string
}
