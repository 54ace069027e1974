import { z } from 'zod'
import { type Adviser, createAdviser } from './adviser.ts'
import { type Clock, systemClock } from './clock.ts'
import type { CloudRecordingOptions } from './cloudRecording.ts'
import { InvalidOptionsError } from './errors.ts'
import { headersSchema, mergeHeaders } from './headers.ts'
import { agoraHosts, createHosts, givenHosts, type Hosts } from './hosts.ts'
import { issuesOf } from './issues.ts'
import { type LogEntry, noLog } from './log.ts'
import { createQuota } from './quota/quota.ts'
import type { Quota } from './quota/quotaTypes.ts'
import { type Secret, secretsOfHeaders } from './secrets.ts'
import { VERSION } from './version.ts'

/** The client's options, validated and with defaults. */
export interface Settings {
  appId: string
  authorization: string
  /** Values of the options that must not appear in an error. */
  secrets: readonly Secret[]
  /** With lower-case names; authorization and content type are added to each request. */
  headers: Readonly<Record<string, string>>
  beforeRequest: CloudRecordingOptions['beforeRequest']
  hosts: Hosts
  quota: Quota
  fetch: typeof fetch
  clock: Clock
  random: () => number
  backoffScale: number
  timeout: number
  deadline: number
  log(entry: LogEntry): void
  advise: Adviser
}

export const timeoutSchema: z.ZodType<number> = z.number().positive().max(600)

export const deadlineSchema: z.ZodType<number> = z.number().positive().max(3600)

const baseUrlSchema = z
  .url({ protocol: /^https?$/, error: 'must be an http or https URL' })
  .refine((url) => !URL.canParse(url) || new URL(url).username + new URL(url).search === '', {
    error: 'must have neither credentials nor a query',
  })

const callback = z.custom((value) => typeof value === 'function', { error: 'must be a function' }).optional()
const instance = z
  .custom((value) => typeof value === 'object' && value !== null, { error: 'must be an object' })
  .optional()

const optionsSchema = z.strictObject({
  appId: z.string().min(1),
  // In Basic authentication a colon ends the user name (RFC 7617).
  customerId: z.string().regex(/^[^:]+$/, { error: 'must not be empty or contain ":"' }),
  customerSecret: z.string().min(1),
  area: z.enum(['CN', 'AP', 'EU', 'NA']).optional(),
  baseUrls: z.array(baseUrlSchema).min(1).optional(),
  backoffScale: z.number().min(0).default(1),
  timeout: timeoutSchema.default(10),
  deadline: deadlineSchema.default(90),
  headers: headersSchema.default({}),
  quota: instance,
  clock: instance,
  fetch: callback,
  random: callback,
  log: callback,
  beforeRequest: callback,
})

const USER_AGENT = `stillrolling-rest-core/${VERSION} node/${process.versions.node}`

/** @throws InvalidOptionsError naming every invalid option, without its value */
export const settingsOf = (options: CloudRecordingOptions): Settings => {
  const { data, error } = optionsSchema.safeParse(options)
  if (error !== undefined) throw new InvalidOptionsError(issuesOf(error, 'is not an option'))
  const { log = noLog } = options
  const credentials = Buffer.from(`${data.customerId}:${data.customerSecret}`).toString('base64')
  return {
    appId: data.appId,
    authorization: `Basic ${credentials}`,
    secrets: [data.customerSecret, credentials, ...secretsOfHeaders(data.headers)],
    headers: mergeHeaders({ 'user-agent': USER_AGENT, accept: 'application/json' }, data.headers),
    beforeRequest: options.beforeRequest,
    hosts: createHosts(data.baseUrls === undefined ? agoraHosts(data.area) : givenHosts(data.baseUrls)),
    quota: options.quota ?? createQuota({ clock: options.clock }),
    fetch: options.fetch ?? fetch,
    clock: options.clock ?? systemClock,
    random: options.random ?? Math.random,
    backoffScale: data.backoffScale,
    timeout: data.timeout,
    deadline: data.deadline,
    log,
    advise: createAdviser(log),
  }
}
