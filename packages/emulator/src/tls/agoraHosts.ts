/** Agora's domains: outside mainland China, and in it. */
export const AGORA_DOMAINS: readonly string[] = ['agora.io', 'sd-rtn.com']

/**
 * The regions that Agora documents
 * (https://docs.agora.io/en/api-reference/api-ref/rtc/ensure-service-reliability), and `cn-east-2`, which its client for
 * Node uses.
 */
const REGIONS = [
  'us-west-1',
  'us-east-1',
  'ap-southeast-1',
  'ap-northeast-1',
  'eu-west-1',
  'eu-central-1',
  'cn-east-1',
  'cn-east-2',
  'cn-north-1',
]

/** Every host of Agora's REST API, for a file of hosts. */
export const AGORA_HOSTS: readonly string[] = AGORA_DOMAINS.flatMap((domain) => [
  `api.${domain}`,
  ...REGIONS.map((region) => `api-${region}.${domain}`),
])

/** Matches the hosts of Agora's REST API, also those in regions that are not in the list; the case does not matter. */
export const AGORA_HOST: RegExp = /^api(-[a-z\d-]+)?\.(agora\.io|sd-rtn\.com)$/i
