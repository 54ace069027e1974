import type { CallName } from './call.ts'
import type { Meaning } from './classify.ts'
import type { FaultKind } from './fault.ts'
import type { Issue } from './issues.ts'

/** One entry of the client's log; `advice` distinguishes the two kinds. */
export type LogEntry = (TryEntry & Without<AdviceEntry>) | (AdviceEntry & Without<TryEntry>)

/** Makes the other kind's fields readable without checking the kind first. */
type Without<Other> = { [Field in Exclude<keyof Other, 'level' | 'message' | 'call'>]?: undefined }

/** One HTTP try. It has no body, header or query, so it cannot contain a secret. */
export interface TryEntry {
  /**
   * `debug` if the try succeeded or the caller aborted it; `info` if only the state of the task or a full quota is in the
   * way ({@link troubleOf}: `task`, `capacity`); else `warn`.
   */
  level: 'debug' | 'info' | 'warn'
  message: string
  call: CallName
  host: string
  /** Counts from 1 within one call. */
  tries: number
  /** Milliseconds that this try waited for the quota. */
  queuedMs: number
  /** Milliseconds that this try took, including the body. */
  elapsedMs: number
  /** HTTP status; absent if no answer came. */
  status?: number
  /** The service's own code. */
  code?: number
  fault?: FaultKind
  meaning: Meaning
  requestId?: string
}

/**
 * What Agora accepts in a request but advises against ({@link adviceOn}), and the unknown fields that were sent. Logged
 * once per request, before it is sent.
 */
export interface AdviceEntry {
  level: 'warn'
  message: string
  call: CallName
  /** The fields of the request and the reason for each. */
  advice: readonly Issue[]
}

/** The default log. Compared by identity, so that no entry is built for it. */
export const noLog = (_entry: LogEntry): void => {}

/** Calls the log function. If it throws, the process gets a warning: the caller must not lose the sid in the answer. */
export const logSafely = (log: (entry: LogEntry) => void, entry: LogEntry): void => {
  try {
    log(entry)
  } catch (error) {
    process.emitWarning(`The log function of the cloud recording client threw: ${String(error)}`)
  }
}
