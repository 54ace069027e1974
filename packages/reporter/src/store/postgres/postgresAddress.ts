import { z } from 'zod'
import { isLoopback } from '../../networkAddress.ts'

/** Where a database in PostgreSQL is. Both fields may hold a password. */
export interface PostgresAddress {
  /** `postgres://user@host:5432/name?sslmode=verify-full` */
  url: string
  /** Instead of one in the URL. */
  password?: string | undefined
}

/** libpq's `allow` and `prefer` send everything unencrypted if the server, or somebody in between, says so. */
const SSL_MODES = ['disable', 'require', 'verify-ca', 'verify-full']

/** The name to print: the server and the database, without credentials. */
export const nameOf = ({ url }: PostgresAddress): string => {
  const { host, pathname, searchParams } = new URL(url)
  return `${searchParams.get('host') ?? host}${pathname}`
}

/**
 * With the password, and with `sslmode` as libpq means it: pg would otherwise give some of its values another meaning, and
 * read one that is missing from the environment.
 */
export const connectionStringOf = ({ url, password }: PostgresAddress): string => {
  const parsed = new URL(url)
  if (password !== undefined) parsed.password = encodeURIComponent(password)
  if (!parsed.searchParams.has('sslmode')) parsed.searchParams.set('sslmode', 'disable')
  parsed.searchParams.set('uselibpqcompat', 'true')
  return parsed.href
}

/** The messages continue a sentence that begins with the variable's name. None quotes the address. */
export const postgresUrl: z.ZodType<string, string> = z.string().superRefine((value, context) => {
  const message = problemOf(value)
  if (message !== undefined) context.addIssue({ code: 'custom', message })
})

const problemOf = (value: string): string | undefined => {
  if (!URL.canParse(value) || !/^postgres(?:ql)?:$/.test(new URL(value).protocol))
    return 'must be like postgres://user@db.example.com:5432/stillrolling?sslmode=verify-full; a password with special characters must be percent-encoded'
  const { hostname, pathname, searchParams } = new URL(value)
  const host = searchParams.get('host') ?? hostname
  if (host === '') return 'must name a host'
  if (!/^\/[^/]+$/.test(pathname)) return 'must name a database after the host, like /stillrolling'
  const mode = searchParams.get('sslmode')
  if (mode === null) {
    const isHere = host.startsWith('/') || isLoopback(host)
    return isHere
      ? undefined
      : 'must say sslmode because the server is not on this machine: verify-full, verify-ca, require or disable'
  }
  if (!SSL_MODES.includes(mode)) return `must have one of these as sslmode: ${SSL_MODES.join(', ')}`
  if (mode === 'verify-ca' && !searchParams.has('sslrootcert'))
    return 'must name the file of the certificate authority as sslrootcert if sslmode is verify-ca'
  return undefined
}
