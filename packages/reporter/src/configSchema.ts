import { z } from 'zod'
import type { ProxyConfig } from './agoraFetch.ts'
import {
  baseUrl,
  credential,
  isHexId,
  json,
  list,
  numberIn,
  proxyUrl,
  signingSecret,
  text,
} from './configValues.ts'
import { type DeliveriesConfig, destinationsSchema } from './destinations.ts'
import { API_LIMITS, type ApiLimits } from './http/apiLimits.ts'
import { isSubnet } from './http/clientAddress.ts'
import type { HttpTimeouts } from './http/httpServer.ts'
import { REPORT_LIMITS, type ReportLimits } from './http/reportLimits.ts'
import { isLoopback } from './networkAddress.ts'
import { INGRESS_LIMITS, type IngressLimits } from './runtime/ingressWatch.ts'
import { type StorageProfiles, storageProfileSchema } from './storageProfile.ts'
import { type PostgresAddress, postgresUrl } from './store/postgres/postgresAddress.ts'
import { contradictions, mergePolicy, type PolicyInput, policyInputSchema } from './supervisor/policy.ts'
import type { TokenUrlReach } from './tokenUrlReach.ts'

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const
/** Entries below the level are not logged. */
export type LogLevel = (typeof LOG_LEVELS)[number]

/** The reporter's configuration, read once at start. */
export interface Config {
  /** The address at which recorded pages reach the reporter, without a trailing slash. */
  publicUrl: string
  /** Whether the reporter asks its own public address. */
  checkPublicUrl: boolean
  host: string
  port: number
  http: HttpTimeouts
  /** Addresses and subnets of proxies whose `X-Forwarded-For` is believed. */
  trustedProxies: string[]
  /** What leaked and forged tokens of pages can send. */
  reportLimits: ReportLimits
  /** What keys can send, and addresses with wrong keys. */
  apiLimits: ApiLimits
  /** Seconds for which it goes on at SIGTERM, while /readyz answers 503. */
  shutdownDelay: number
  /** Secrets for the pages' tokens: the first one signs, all verify. */
  secrets: string[]
  /** Empty: only this machine may call the API. */
  apiKeys: string[]
  /** The SQLite file, if there is no `postgres`. */
  databaseFile: string
  /** The database in PostgreSQL. */
  postgres?: PostgresAddress | undefined
  agora: AgoraConfig
  /** For requests to Agora. */
  proxy?: ProxyConfig
  /** Secrets that may have signed a notification. Empty: notifications are off. */
  notificationSecrets: string[]
  /** Makes the tokens of channels. Without it, a channel without a `tokenUrl` is joined without a token. */
  appCertificate?: string
  /** Secrets that sign the requests to the `tokenUrl` of channels. Empty: requests with a `tokenUrl` are refused. */
  tokenUrlSecrets: string[]
  tokenUrlReach: TokenUrlReach
  storageProfiles: StorageProfiles
  defaultPolicy: PolicyInput
  /** What is sent to the business server, and where. */
  deliveries: DeliveriesConfig
  /** Days for which terminal recordings and their timelines are kept, 1 to 3650. */
  retentionDays: number
  /** What happens when most pages fall silent together. */
  ingress: IngressLimits
  logLevel: LogLevel
}

export interface AgoraConfig {
  appId: string
  customerId: string
  customerSecret: string
  area?: 'CN' | 'AP' | 'EU' | 'NA'
  baseUrls?: string[]
  /** Multiplies the backoff between retries; up to 10. */
  backoffScale: number
  /** Requests per second that this reporter may send to Agora, 1 to 10,000. */
  qps: number
}

const LOOPBACK = '127.0.0.1'
/** Seconds until a load balancer that asks every second or two has noticed that /readyz answers 503. */
const SHUTDOWN_DELAY = 5

const longSecret = text.refine(({ length }) => length >= 16, { error: 'must have at least 16 characters' })

const subnet = text.refine(isSubnet, { error: 'must be an address or a subnet, like 10.0.0.0/8' })

const profilesSchema = json.pipe(
  z
    .record(z.string().min(1).max(64), storageProfileSchema)
    .refine((profiles) => Object.keys(profiles).length > 0, { error: 'must have at least one profile' }),
)

const defaultPolicySchema = json.pipe(policyInputSchema).superRefine((policy, context) => {
  for (const { path, message } of contradictions(mergePolicy(policy))) {
    context.addIssue({ code: 'custom', path, message })
  }
})

/** The environment variables with their ranges and defaults. */
const environmentSchema = z.object({
  PUBLIC_URL: baseUrl.optional(),
  PUBLIC_URL_CHECK: z.enum(['on', 'off']).default('on'),
  HOST: text.default(LOOPBACK),
  PORT: numberIn({ min: 0, max: 65_535, whole: true }).default(8080),
  HTTP_HEADERS_TIMEOUT: numberIn({ min: 0, max: 300, aboveMin: true }).default(10),
  HTTP_REQUEST_TIMEOUT: numberIn({ min: 0, max: 300, aboveMin: true }).default(20),
  HTTP_RESPONSE_TIMEOUT: numberIn({ min: 0, max: 300, aboveMin: true }).default(30),
  HTTP_KEEP_ALIVE_TIMEOUT: numberIn({ min: 0, max: 3600, aboveMin: true }).default(75),
  SHUTDOWN_DELAY: numberIn({ min: 0, max: 300 }).optional(),
  TRUSTED_PROXIES: list.pipe(z.array(subnet)).optional(),
  STILLROLLING_SECRET: list.pipe(z.array(longSecret)),
  STILLROLLING_API_KEYS: list.pipe(z.array(longSecret.pipe(credential))).optional(),
  API_RATE_LIMIT: numberIn({ min: 1, max: 1_000_000, whole: true }).default(30_000),
  DATABASE_FILE: text.default('stillrolling.db'),
  DATABASE_URL: postgresUrl.optional(),
  DATABASE_PASSWORD: text.optional(),
  AGORA_APP_ID: credential,
  // A colon would end the user name in Basic authentication (RFC 7617).
  AGORA_CUSTOMER_ID: credential.refine((id) => !id.includes(':'), { error: 'must not contain ":"' }),
  AGORA_CUSTOMER_SECRET: credential,
  AGORA_NOTIFICATION_SECRET: list.pipe(z.array(credential)).optional(),
  AGORA_APP_CERTIFICATE: text.refine(isHexId, { error: 'must be 32 hexadecimal digits' }).optional(),
  TOKEN_URL_SECRET: list.pipe(z.array(signingSecret)).optional(),
  TOKEN_URL_ALLOW_PRIVATE: z.enum(['true', 'false']).optional(),
  AGORA_AREA: z.enum(['CN', 'AP', 'EU', 'NA']).optional(),
  AGORA_BASE_URLS: list.pipe(z.array(baseUrl)).optional(),
  AGORA_QPS: numberIn({ min: 1, max: 10_000, whole: true }).default(10),
  AGORA_BACKOFF_SCALE: numberIn({ min: 0, max: 10, aboveMin: true }).default(1),
  HTTPS_PROXY: proxyUrl.optional(),
  HTTP_PROXY: proxyUrl.optional(),
  NO_PROXY: text.default(''),
  STORAGE_PROFILES: profilesSchema,
  DEFAULT_POLICY: defaultPolicySchema.optional(),
  DELIVERIES: destinationsSchema.optional(),
  DELIVERIES_ALLOW_PRIVATE: z.enum(['true', 'false']).default('false'),
  RETENTION_DAYS: numberIn({ min: 1, max: 3650 }).default(90),
  CANARY_PATIENCE: numberIn({ min: 0, max: 86_400 }).default(INGRESS_LIMITS.patience),
  CANARY_WAITS: list
    .pipe(z.array(numberIn({ min: 1, max: 86_400 })))
    .default([...INGRESS_LIMITS.canaryWaits]),
  LOG_LEVEL: z.enum(LOG_LEVELS).default('info'),
})

/** How a command on the same machine calls the reporter. */
export interface ClientConfig {
  url: string
  apiKey?: string
}

export const clientConfigSchema: z.ZodType<ClientConfig, unknown> = environmentSchema
  .pick({ HOST: true, PORT: true, STILLROLLING_API_KEYS: true })
  .transform(({ HOST, PORT, STILLROLLING_API_KEYS }) => {
    const host = HOST === '0.0.0.0' ? LOOPBACK : HOST === '::' ? '::1' : HOST
    return {
      url: `http://${host.includes(':') ? `[${host}]` : host}:${PORT}`,
      apiKey: STILLROLLING_API_KEYS?.[0],
    }
  })

/** The names of all variables; those of secrets may also end in `_FILE`. */
export const VARIABLES: string[] = Object.keys(environmentSchema.shape)

/** A reporter that only this machine reaches is tried out on it, and so is a server that makes tokens. */
const reachOf = ({
  PUBLIC_URL: publicUrl,
  TOKEN_URL_ALLOW_PRIVATE: allowPrivate,
}: z.output<typeof environmentSchema>): TokenUrlReach => {
  if (allowPrivate === 'true') return 'private'
  const isLocal = publicUrl === undefined || isLoopback(new URL(publicUrl).hostname)
  return isLocal && allowPrivate === undefined ? 'loopback' : 'public'
}

/** Turns environment variables into the configuration. */
export const configSchema: z.ZodType<Config, unknown> = environmentSchema.transform((env) => ({
  publicUrl: env.PUBLIC_URL ?? `http://${LOOPBACK}:${env.PORT}`,
  checkPublicUrl: env.PUBLIC_URL !== undefined && env.PUBLIC_URL_CHECK === 'on',
  host: env.HOST,
  port: env.PORT,
  http: {
    headers: env.HTTP_HEADERS_TIMEOUT,
    request: env.HTTP_REQUEST_TIMEOUT,
    response: env.HTTP_RESPONSE_TIMEOUT,
    keepAlive: env.HTTP_KEEP_ALIVE_TIMEOUT,
  },
  trustedProxies: env.TRUSTED_PROXIES ?? [],
  reportLimits: REPORT_LIMITS,
  apiLimits: { ...API_LIMITS, requests: env.API_RATE_LIMIT },
  // Behind a proxy on the same machine there is no other reporter to which it could turn.
  shutdownDelay: env.SHUTDOWN_DELAY ?? (isLoopback(env.HOST) ? 0 : SHUTDOWN_DELAY),
  secrets: env.STILLROLLING_SECRET,
  apiKeys: env.STILLROLLING_API_KEYS ?? [],
  databaseFile: env.DATABASE_FILE,
  postgres:
    env.DATABASE_URL === undefined ? undefined : { url: env.DATABASE_URL, password: env.DATABASE_PASSWORD },
  agora: {
    appId: env.AGORA_APP_ID,
    customerId: env.AGORA_CUSTOMER_ID,
    customerSecret: env.AGORA_CUSTOMER_SECRET,
    area: env.AGORA_AREA,
    baseUrls: env.AGORA_BASE_URLS,
    backoffScale: env.AGORA_BACKOFF_SCALE,
    qps: env.AGORA_QPS,
  },
  proxy:
    env.HTTPS_PROXY === undefined && env.HTTP_PROXY === undefined
      ? undefined
      : { https: env.HTTPS_PROXY, http: env.HTTP_PROXY, except: env.NO_PROXY },
  notificationSecrets: env.AGORA_NOTIFICATION_SECRET ?? [],
  appCertificate: env.AGORA_APP_CERTIFICATE,
  tokenUrlSecrets: env.TOKEN_URL_SECRET ?? [],
  tokenUrlReach: reachOf(env),
  storageProfiles: env.STORAGE_PROFILES,
  defaultPolicy: env.DEFAULT_POLICY ?? {},
  deliveries: {
    destinations: env.DELIVERIES ?? [],
    allowPrivate: env.DELIVERIES_ALLOW_PRIVATE === 'true',
  },
  retentionDays: env.RETENTION_DAYS,
  ingress: { ...INGRESS_LIMITS, patience: env.CANARY_PATIENCE, canaryWaits: env.CANARY_WAITS },
  logLevel: env.LOG_LEVEL,
}))
