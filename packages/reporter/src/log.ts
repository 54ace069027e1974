import { type DestinationStream, type Logger, type LoggerOptions, pino, stdTimeFunctions } from 'pino'
import type { LogLevel } from './config.ts'
import { TOKENS } from './token.ts'

/** Redacted at any depth, even if a whole request or configuration is logged. */
const SECRETS = [
  ...['secretKey', 'accessKey', 'stsToken', 'token', 'authorization', 'customerSecret', 'secrets', 'apiKeys'],
  ...['notificationSecrets', 'tokenUrlSecrets', 'appCertificate', 'secret', 'salt'],
  // Their addresses may be secret, or have a password.
  ...['destinations', 'credentials', 'proxy', 'postgres'],
]

const TEXT = '"(?:[^"\\\\]|\\\\.)*"'
const FLAT_LIST = `\\[(?:[^"[\\]]|${TEXT})*\\]`
/** As deep as the configuration has them: a list of objects that have lists, and an object of texts. */
const LIST = `\\[(?:[^"[\\]]|${TEXT}|${FLAT_LIST})*\\]`
const OBJECT = `\\{(?:[^"{}]|${TEXT})*\\}`

/** In the line rather than by pino's `redact`, which costs more per line for each level of nesting. */
const SECRET_FIELD = new RegExp(`"(${SECRETS.join('|')})":(?:${TEXT}|${LIST}|${OBJECT})`, 'g')

/** A page's token may be part of any text that came from the page, for example an address. */
const redact = (line: string): string =>
  line.replaceAll(TOKENS, '[Redacted]').replaceAll(SECRET_FIELD, '"$1":"[Redacted]"')

/**
 * A log of JSON lines that redacts secrets. Times are ISO 8601 in UTC.
 * @param destination where the lines go; stdout by default
 * @example
 * const lines: string[] = []
 * const log = createLog('info', { write: (line) => lines.push(line) })
 * log.info({ secretKey: 'abc' }, 'configured')
 * JSON.parse(lines[0] ?? '').secretKey // => '[Redacted]'
 */
export const createLog = (level: LogLevel, destination?: DestinationStream): Logger => {
  const options: LoggerOptions = {
    level,
    timestamp: stdTimeFunctions.isoTime,
    hooks: { streamWrite: redact },
  }
  return destination ? pino(options, destination) : pino(options)
}
