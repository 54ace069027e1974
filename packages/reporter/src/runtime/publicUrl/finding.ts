import { z } from 'zod'
import type { Time } from '../../supervisor/recording.ts'

/** What `GET /v1/reports` answers. The instance is random and made anew by each process; it is no secret. */
export interface Identity {
  reporter: 'stillrolling'
  instance: string
}

/** What the public address answered. */
export interface PublicAnswer {
  status: number
  /** The header `location`. */
  location?: string
  /** The header `server`, which names the proxy. */
  server?: string
  /** Its beginning. */
  body: string
  /** When the server's certificate expires; absent without TLS. */
  certificateEnds?: Time
}

/**
 * What the reporter found when it asked its own public address.
 * - `reached`: this reporter answered
 * - `otherReporter`: another Stillrolling reporter answered
 * - `expiring`: this reporter, or another one, answered, and the certificate expires soon
 * - the others: no reporter answered
 */
export type FindingKind =
  | 'reached'
  | 'otherReporter'
  | 'expiring'
  | 'unresolved'
  | 'refused'
  | 'certificate'
  | 'redirect'
  | 'otherAnswer'
  | 'timeout'
  | 'network'

export interface Finding {
  kind: FindingKind
  /** Whether reports that are sent to the address reach a reporter. */
  reaches: boolean
  /** For people: what is wrong, and what to check. */
  detail: string
}

/** Certificates are usually renewed a month before they expire. */
const CERTIFICATE_WARNING_DAYS = 14
const DAY_MS = 86_400_000

const identitySchema: z.ZodType<Identity> = z.object({
  reporter: z.literal('stillrolling'),
  instance: z.string().max(100),
})

/** Judges an answer of the public address. */
export const judgeAnswer = (
  answer: PublicAnswer,
  { url, instance, now }: { url: string; instance: string; now: Time },
): Finding => {
  const { host } = new URL(url)
  const identity = identityOf(answer)
  if (!identity) return judgeForeign(answer, host)
  const days = daysUntil(answer.certificateEnds, now)
  if (days !== undefined && days < CERTIFICATE_WARNING_DAYS) {
    const detail = `the certificate of ${host} expires in ${count(days, 'day')}: renew it`
    return { kind: 'expiring', reaches: true, detail }
  }
  const certificate = days === undefined ? '' : `; its certificate is valid for ${count(days, 'day')}`
  return identity.instance === instance
    ? { kind: 'reached', reaches: true, detail: `${host} reaches this reporter${certificate}` }
    : { kind: 'otherReporter', reaches: true, detail: `${host} reaches another reporter${certificate}` }
}

const identityOf = ({ status, body }: PublicAnswer): Identity | undefined => {
  if (status !== 200) return undefined
  try {
    return identitySchema.parse(JSON.parse(body))
  } catch {
    return undefined
  }
}

const judgeForeign = ({ status, location, server }: PublicAnswer, host: string): Finding => {
  if (status >= 300 && status < 400) {
    const target = originOf(location)
    const to = target === undefined ? '' : ` to ${target}`
    const detail = `${host} redirects${to} (${status}), and pages do not follow: set PUBLIC_URL to the address that answers itself`
    return { kind: 'redirect', reaches: false, detail }
  }
  const by = server === undefined ? '' : `, server "${server}"`
  const detail = `something else than a reporter answers at ${host} (${status}${by}): check that the proxy passes /v1/reports on to the reporter`
  return { kind: 'otherAnswer', reaches: false, detail }
}

/** A redirect's path and query may hold anything. */
const originOf = (location: string | undefined): string | undefined =>
  location !== undefined && URL.canParse(location) ? new URL(location).origin : undefined

const daysUntil = (end: Time | undefined, now: Time): number | undefined =>
  end === undefined ? undefined : Math.max(0, Math.floor((end - now) / DAY_MS))

const count = (number: number, unit: string): string => `${number} ${unit}${number === 1 ? '' : 's'}`

/** A failed request's cause, from the error codes of Node and OpenSSL. The first row that matches decides. */
const FAILURES: readonly { kind: FindingKind; codes: RegExp; say: (host: string) => string }[] = [
  {
    kind: 'unresolved',
    codes: /^(ENOTFOUND|EAI_\w+)$/,
    say: (host) => `the name ${host} does not resolve: check its DNS record`,
  },
  {
    kind: 'refused',
    codes: /^(ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL)$/,
    say: (host) => `${host} refuses connections: check that the proxy runs, and the firewall`,
  },
  { kind: 'timeout', codes: /^ETIMEDOUT$/, say: (host) => `${host} does not answer in time` },
  {
    kind: 'certificate',
    codes: /^CERT_HAS_EXPIRED$/,
    say: (host) => `the certificate of ${host} has expired: renew it`,
  },
  {
    kind: 'certificate',
    codes: /^CERT_NOT_YET_VALID$/,
    say: (host) => `the certificate of ${host} is not valid yet: check the clocks`,
  },
  {
    kind: 'certificate',
    codes: /^ERR_TLS_CERT_ALTNAME_INVALID$/,
    say: (host) => `the certificate of ${host} is for another name`,
  },
  {
    kind: 'certificate',
    codes: /^(CERT_|UNABLE_TO_|DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_)/,
    say: (host) => `the certificate of ${host} is not trusted: is the chain complete?`,
  },
  {
    kind: 'certificate',
    codes: /^(ERR_TLS_|ERR_SSL_|EPROTO)/,
    say: (host) => `TLS with ${host} fails: check the protocol and the port`,
  },
]

/** Judges a request to the public address that had no answer. */
export const judgeFailure = (error: unknown, url: string): Finding => {
  const { host } = new URL(url)
  const code = codeOf(error)
  const failure = FAILURES.find(({ codes }) => codes.test(code))
  return failure
    ? { kind: failure.kind, reaches: false, detail: `${failure.say(host)} (${code})` }
    : { kind: 'network', reaches: false, detail: `the connection to ${host} fails (${code})` }
}

const codeOf = (error: unknown): string => {
  const { code } = (error ?? {}) as { code?: unknown }
  return typeof code === 'string' ? code : 'unknown error'
}
