import { z } from 'zod'
import type { CloudRecordingOptions } from './client.ts'
import { type Clock, systemClock } from './clock.ts'
import { InvalidOptionsError } from './errors.ts'
import { baseUrlsOf } from './hosts.ts'
import { issuesOf } from './issues.ts'
import type { LogEntry } from './log.ts'

/** The client's options, checked and complete. */
export type Settings = {
  appId: string
  authorization: string
  /** Everything of the options that must not be seen. */
  secrets: readonly string[]
  baseUrls: readonly string[]
  fetch: typeof fetch
  clock: Clock
  backoffScale: number
  timeout: number
  log(entry: LogEntry): void
}

export const timeoutSchema: z.ZodType<number> = z.number().positive().max(600)

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
})

/** Throws {@link InvalidOptionsError}, naming every wrong option and no value. */
export function settingsOf(options: CloudRecordingOptions): Settings {
  const { data, error } = optionsSchema.safeParse(options)
  if (error !== undefined) throw new InvalidOptionsError(issuesOf(error))
  const credentials = Buffer.from(`${data.customerId}:${data.customerSecret}`).toString('base64')
  return {
    appId: data.appId,
    authorization: `Basic ${credentials}`,
    secrets: [data.customerSecret, credentials],
    baseUrls: (data.baseUrls ?? baseUrlsOf(data.area)).map((url) => url.replace(/\/+$/, '')),
    fetch: options.fetch ?? fetch,
    clock: options.clock ?? systemClock,
    backoffScale: data.backoffScale,
    timeout: data.timeout,
    log: options.log ?? (() => {}),
  }
}
