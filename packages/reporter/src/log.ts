import { type DestinationStream, type Logger, pino } from 'pino'
import type { LogLevel } from './config.ts'

/** Should a request or a configuration ever be logged whole, its secrets are not. */
const SECRETS = ['secretKey', 'accessKey', 'stsToken', 'token', 'authorization', 'customerSecret']

/** JSON lines, on stdout unless told otherwise. */
export const createLog = (level: LogLevel, destination?: DestinationStream): Logger => {
  const options = { level, redact: SECRETS.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]) }
  return destination ? pino(options, destination) : pino(options)
}
