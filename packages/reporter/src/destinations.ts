import { z } from 'zod'
import { isSigningSecret, json } from './configValues.ts'
import { withoutBrackets } from './networkAddress.ts'
import { isPublicAddress } from './publicAddress.ts'
import { DELIVERY_TYPE_NAMES, matches } from './runtime/deliveries/deliveryTypes.ts'

/**
 * How a destination is spoken to.
 * - `standard`: Standard Webhooks, every type
 * - `slack`, `pagerduty`, `apprise`: for people: only what a person must do something about, one message for each cause
 */
export const PRESETS = ['standard', 'slack', 'pagerduty', 'apprise'] as const
export type Preset = (typeof PRESETS)[number]

/** Where deliveries go, as DELIVERIES has it. */
export interface Destination {
  name: string
  /** May be a secret itself: Slack's is. */
  url: string
  /** `standard`: the newest first, each of which signs. `pagerduty`: the routing key. */
  secrets: string[]
  /** Types or patterns like `recording.*`. */
  types: string[]
  preset: Preset
}

export interface DeliveriesConfig {
  destinations: Destination[]
  /** Whether destinations may be on this machine or in a private network, and use http. */
  allowPrivate: boolean
}

const MAX_DESTINATIONS = 20
const PAGERDUTY_URL = 'https://events.pagerduty.com/v2/enqueue'

/** How many secrets each preset has. A second one is for a rotation. */
const SECRETS: Readonly<
  Record<Preset, { min: number; max: number; isRight: (secret: string) => boolean; error: string }>
> = {
  standard: {
    ...{ min: 1, max: 2 },
    isRight: isSigningSecret,
    error:
      'must be "whsec_" and 24 to 64 random bytes in base64: echo "whsec_$(openssl rand -base64 32)" makes one',
  },
  pagerduty: {
    ...{ min: 1, max: 1 },
    isRight: (secret) => /^[A-Za-z0-9]{32}$/.test(secret),
    error: 'must be the integration key of an Events API v2 integration: 32 letters and digits',
  },
  slack: { min: 0, max: 0, isRight: () => false, error: 'must not be set: the URL is the secret' },
  apprise: { min: 0, max: 0, isRight: () => false, error: 'must not be set: the URL is the secret' },
}

const pattern = z.string().refine((text) => DELIVERY_TYPE_NAMES.some((type) => matches(text, type)), {
  error: `must be "*", a type, or a pattern like "recording.*"; the types are ${DELIVERY_TYPE_NAMES.join(', ')}`,
})

const isUsable = (text: string): boolean => {
  const url = URL.canParse(text) ? new URL(text) : undefined
  return url !== undefined && /^https?:$/.test(url.protocol) && url.username + url.password + url.hash === ''
}

const urlSchema = z.string().refine(isUsable, {
  error: 'must be an https URL, without a user name, a password or a fragment',
})

const destinationSchema: z.ZodType<Destination, unknown> = z
  .strictObject({
    name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, {
      error: 'must be 1 to 63 lower-case letters, digits and hyphens',
    }),
    url: urlSchema.optional(),
    secrets: z.array(z.string()).default([]),
    types: z.array(pattern).min(1).default(['*']),
    preset: z.enum(PRESETS).default('standard'),
  })
  .transform(({ url, ...fields }, context): Destination => {
    const { preset, secrets } = fields
    const { min, max, isRight, error } = SECRETS[preset]
    const issue = (path: PropertyKey[], message: string) =>
      context.addIssue({ code: 'custom', path, message })
    if (secrets.length < min) issue(['secrets'], `is required: it ${error}`)
    if (secrets.length > max) {
      issue(['secrets'], max === 0 ? error : `must have at most ${max === 1 ? 'one value' : `${max} values`}`)
    }
    for (const [index, secret] of secrets.entries()) {
      if (max > 0 && !isRight(secret)) issue(['secrets', index], error)
    }
    if (url === undefined && preset !== 'pagerduty') issue(['url'], 'is required')
    return { ...fields, url: url ?? PAGERDUTY_URL }
  })

/** The value of DELIVERIES. */
export const destinationsSchema: z.ZodType<Destination[], string> = json.pipe(
  z
    .array(destinationSchema)
    .max(MAX_DESTINATIONS)
    .superRefine((destinations, context) => {
      for (const [index, { name }] of destinations.entries()) {
        if (destinations.findIndex((each) => each.name === name) === index) continue
        context.addIssue({ code: 'custom', path: [index, 'name'], message: 'is the name of another one' })
      }
    }),
)

/** What only DELIVERIES_ALLOW_PRIVATE allows. `message` continues a sentence that begins with DELIVERIES. */
export const privateDestinations = (destinations: readonly Destination[]): string[] =>
  destinations.flatMap(({ url }, index) => {
    const { protocol, hostname } = new URL(url)
    if (protocol === 'http:') {
      return [`${index}.url must be an https URL. Only with DELIVERIES_ALLOW_PRIVATE=true may it be http`]
    }
    return isPublicAddress(withoutBrackets(hostname)) === false
      ? [
          `${index}.url must not be an address of a private or reserved range, unless DELIVERIES_ALLOW_PRIVATE=true`,
        ]
      : []
  })
