import { REQUIRED, type WrongVariable } from './configError.ts'
import { isHexId, list } from './configValues.ts'
import { destinationsSchema, privateDestinations } from './destinations.ts'
import type { Variables } from './environment.ts'
import { isLocal, isLoopback } from './networkAddress.ts'

/** Required variables that are not set. With an emulator on this machine, a reporter that only this machine reaches needs fewer. */
export const missingVariables = ({ values, unset }: Variables): string[] => {
  const hosts = [values.HOST, hostOf(values.PUBLIC_URL)].filter((host) => host !== undefined)
  const isEmulated = agoraIn(values) === 'loopback'
  const needed: Record<string, boolean> = {
    PUBLIC_URL: !isEmulated,
    STILLROLLING_API_KEYS: !isEmulated || !hosts.every(isLoopback),
  }
  return REQUIRED.filter((name) => unset.includes(name) && needed[name] !== false)
}

/** Values that are right alone, and can never work with those of others. */
export const wrongCombinations = ({ values }: Variables): WrongVariable[] => [
  ...unreachableUrl(values),
  ...appIdWithoutTokens(values),
  ...privateAddresses(values),
  ...twoDatabases(values),
]

/** Agora's package makes no token for another App ID. */
const appIdWithoutTokens = ({
  AGORA_APP_ID: appId,
  AGORA_APP_CERTIFICATE: certificate,
}: Variables['values']): WrongVariable[] => {
  if (appId === undefined || certificate === undefined || !isHexId(certificate) || isHexId(appId)) return []
  const message = 'must be 32 hexadecimal digits if AGORA_APP_CERTIFICATE is set, which makes tokens for it'
  return [{ name: 'AGORA_APP_ID', message }]
}

const privateAddresses = (values: Variables['values']): WrongVariable[] => {
  if (values.DELIVERIES === undefined || values.DELIVERIES_ALLOW_PRIVATE === 'true') return []
  const destinations = destinationsSchema.safeParse(values.DELIVERIES).data ?? []
  return privateDestinations(destinations).map((message) => ({ name: 'DELIVERIES', message }))
}

const twoDatabases = ({
  DATABASE_FILE: file,
  DATABASE_URL: url,
  DATABASE_PASSWORD: password,
}: Variables['values']): WrongVariable[] => {
  if (url === undefined) {
    const message = 'must not be set without DATABASE_URL: SQLite has no passwords'
    return password === undefined ? [] : [{ name: 'DATABASE_PASSWORD', message }]
  }
  const wrong: WrongVariable[] = []
  if (file !== undefined)
    wrong.push({ name: 'DATABASE_FILE', message: 'must not be set beside DATABASE_URL: unset one of them' })
  if (password !== undefined && URL.canParse(url) && new URL(url).password !== '')
    wrong.push({ name: 'DATABASE_PASSWORD', message: 'must not be set if DATABASE_URL has a password' })
  return wrong
}

const unreachableUrl = (values: Variables['values']): WrongVariable[] => {
  const host = hostOf(values.PUBLIC_URL)
  const agora = agoraIn(values)
  if (host === undefined || agora === 'loopback') return []
  if (!isLoopback(host) && (agora === 'elsewhere' || !isLocal(host))) return []
  const where = isLoopback(host) ? 'this machine' : 'this network'
  return [
    {
      name: 'PUBLIC_URL',
      message: `must be an address that Agora's recorder can reach: ${host} is reached from ${where} only`,
    },
  ]
}

/** Where the requests to Agora go: to Agora itself, to an emulator on this machine, or to other hosts. */
const agoraIn = ({ AGORA_BASE_URLS }: Variables['values']): 'internet' | 'loopback' | 'elsewhere' => {
  if (AGORA_BASE_URLS === undefined) return 'internet'
  const hosts = (list.safeParse(AGORA_BASE_URLS).data ?? []).map(hostOf)
  return hosts.every((host) => host !== undefined && isLoopback(host)) ? 'loopback' : 'elsewhere'
}

const hostOf = (url: string | undefined): string | undefined =>
  url !== undefined && URL.canParse(url) ? new URL(url).hostname : undefined
