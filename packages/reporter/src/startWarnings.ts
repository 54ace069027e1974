import type { Config, Environment } from './config.ts'
import { isLoopback } from './networkAddress.ts'
import { profileOf } from './storageProfile.ts'
import { describeUnknown, unknownVariables } from './unknownVariables.ts'

/** What the operator should know about a configuration with which the reporter can work. */
export const startWarnings = (config: Config, environment: Environment): string[] => {
  const { publicUrl, apiKeys, notificationSecrets, storageProfiles } = config
  const { protocol, hostname } = new URL(publicUrl)
  const warnings: [applies: boolean, text: string][] = [
    [
      protocol === 'http:' && !isLoopback(hostname),
      'PUBLIC_URL is not https: pages that are loaded with https cannot report to it, and tokens and API keys can be read on the way',
    ],
    [
      apiKeys.length === 0,
      'STILLROLLING_API_KEYS is not set: until a key is made (POST /v1/keys), only this machine may call the API',
    ],
    [
      notificationSecrets.length === 0,
      'AGORA_NOTIFICATION_SECRET is not set: supervision relies on reports and queries alone',
    ],
    [
      !profileOf(storageProfiles, 'default'),
      `STORAGE_PROFILES has no profile "default": a recording must name one (${Object.keys(storageProfiles).join(', ')}), or its request is refused`,
    ],
  ]
  return [
    ...warnings.flatMap(([applies, text]) => (applies ? [text] : [])),
    ...unknownVariables(environment).map(describeUnknown),
  ]
}
