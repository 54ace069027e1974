import { z } from 'zod'
import type { CloudRecordingOptions } from './client.ts'
import { type Clock, systemClock } from './clock.ts'
import { InvalidOptionsError } from './errors.ts'
import { createHosts, type Hosts, ladderOf, ladderOfUrls } from './hosts.ts'
import { issuesOf } from './issues.ts'
import type { LogEntry } from './log.ts'
import { createQuota, type Quota } from './quota/quota.ts'

/** The client's options, checked and complete. */
export interface Settings {
  appId: string
  authorization: string
  /** Everything of the options that must not be seen. */
  secrets: readonly string[]
  hosts: Hosts
  quota: Quota
  fetch: typeof fetch
  clock: Clock
  random: () => number
  backoffScale: number
  timeout: number
  deadline: number
  log(entry: LogEntry): void
}

/** When nobody listens, nothing is made to be said. */
export const noLog = (_entry: LogEntry): void => {}

export const timeoutSchema: z.ZodType<number> = z.number().positive().max(600)

export const deadlineSchema: z.ZodType<number> = z.number().positive().max(3600)

const baseUrlSchema = z
  .url({ protocol: /^https?$/, error: 'must be an http or https URL' })
  .refine((url) => !URL.canParse(url) || new URL(url).username + new URL(url).search === '', {
    error: 'must have neither credentials nor a query',
  })

const optionsSchema = z.object({
  appId: z.string().min(1),
  // A colon would end the user name of Basic authentication (RFC 7617).
  customerId: z.string().regex(/^[^:]+$/, { error: 'must not be empty or contain ":"' }),
  customerSecret: z.string().min(1),
  area: z.enum(['CN', 'AP', 'EU', 'NA']).optional(),
  baseUrls: z.array(baseUrlSchema).min(1).optional(),
  backoffScale: z.number().min(0).default(1),
  timeout: timeoutSchema.default(10),
  // Four tries of 10 s, the waits between them (10 s and their jitter), and 38 s in the quota's queue.
  deadline: deadlineSchema.default(90),
})

/** Throws {@link InvalidOptionsError}, naming every wrong option and no value. */
export const settingsOf = (options: CloudRecordingOptions): Settings => {
  const { data, error } = optionsSchema.safeParse(options)
  if (error !== undefined) throw new InvalidOptionsError(issuesOf(error))
  const credentials = Buffer.from(`${data.customerId}:${data.customerSecret}`).toString('base64')
  return {
    appId: data.appId,
    authorization: `Basic ${credentials}`,
    secrets: [data.customerSecret, credentials],
    hosts: createHosts(data.baseUrls === undefined ? ladderOf(data.area) : ladderOfUrls(data.baseUrls)),
    quota: options.quota ?? createQuota({ clock: options.clock }),
    fetch: options.fetch ?? fetch,
    clock: options.clock ?? systemClock,
    random: options.random ?? Math.random,
    backoffScale: data.backoffScale,
    timeout: data.timeout,
    deadline: data.deadline,
    log: options.log ?? noLog,
  }
}
