import { type Logger, pino } from 'pino'
import type { LogLevel } from './config.ts'

/** Should a request or a configuration ever be logged whole, its secrets are not. */
const SECRETS = ['secretKey', 'accessKey', 'stsToken', 'token', 'authorization', 'customerSecret']

/** JSON lines on stdout. */
export const createLog = (level: LogLevel): Logger =>
  pino({
    level,
    redact: SECRETS.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]),
  })
