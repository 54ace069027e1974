import type { CallName } from './call.ts'
import type { Meaning } from './classify.ts'
import type { FaultKind } from './fault.ts'
import type { Issue } from './issues.ts'

/** One line of the client's log; `advice` tells the two kinds apart. */
export type LogEntry = (TryEntry & Lacking<AdviceEntry>) | (AdviceEntry & Lacking<TryEntry>)

/** The other kind's fields can be read without asking for the kind first. */
type Lacking<Other> = { [Field in Exclude<keyof Other, 'level' | 'message' | 'call'>]?: undefined }

/**
 * One HTTP try. It has no body, no header and no query, so nothing secret can be in it.
 */
export interface TryEntry {
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

/** A start that Agora would take, but advises against: told once for a request, before it is sent. */
export interface AdviceEntry {
  level: 'warn'
  message: string
  call: CallName
  /** Which fields of `clientRequest`, and why. */
  advice: readonly Issue[]
}
