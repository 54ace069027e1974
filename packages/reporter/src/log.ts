import { type DestinationStream, type Logger, pino } from 'pino'
import type { LogLevel } from './config.ts'

/** Redacted even if a whole request or configuration is logged. */
const SECRETS = ['secretKey', 'accessKey', 'stsToken', 'token', 'authorization', 'customerSecret']

/**
 * A log of JSON lines that redacts secrets.
 * @param destination where the lines go; stdout by default
 * @example
 * const lines: string[] = []
 * const log = createLog('info', { write: (line) => lines.push(line) })
 * log.info({ secretKey: 'abc' }, 'configured')
 * JSON.parse(lines[0] ?? '').secretKey // => '[Redacted]'
 */
export const createLog = (level: LogLevel, destination?: DestinationStream): Logger => {
  const options = { level, redact: SECRETS.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]) }
  return destination ? pino(options, destination) : pino(options)
}
