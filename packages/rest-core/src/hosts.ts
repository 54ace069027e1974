import type { FaultKind } from './fault.ts'
import type { Area } from './requests/calls.ts'

/** A host that a try can be sent to. */
export interface HostCandidate {
  /** Base URL without a trailing slash. */
  readonly base: string
  readonly role: 'primary' | 'alternate' | 'adjacent' | 'given'
}

// The order of hosts and the backoff are Agora's:
// https://docs.agora.io/en/api-reference/api-ref/rtc/ensure-service-reliability

/** Seconds to wait before the second, third, fourth and every later try of a call. */
export const HOST_BACKOFF: readonly [number, ...number[]] = [1, 3, 6]

/** How long a host is tried first after it answered and the primary did not. */
export const STICKY_HOST_MS = 300_000

const DOMAINS = { outside: 'agora.io', mainland: 'sd-rtn.com' } as const

// Agora has two regions in each area. The primary's name resolves to the one that is nearest to the client, but the
// client does not know which one that is. To most clients these regions are the farther ones, so usually the other one.
const ADJACENT_REGION: Readonly<Record<Area, string>> = {
  NA: 'us-west-1',
  EU: 'eu-west-1',
  AP: 'ap-northeast-1',
  CN: 'cn-north-1',
}

/**
 * Agora's hosts in the order in which they are tried: the primary twice, the alternate domain, the adjacent region.
 * Without an area the adjacent region is unknown and left out.
 */
export const agoraHosts = (area: Area | undefined): readonly HostCandidate[] => {
  const [own, other] =
    area === 'CN' ? [DOMAINS.mainland, DOMAINS.outside] : [DOMAINS.outside, DOMAINS.mainland]
  const primary: HostCandidate = { base: `https://api.${own}`, role: 'primary' }
  const hosts: HostCandidate[] = [primary, primary, { base: `https://api.${other}`, role: 'alternate' }]
  if (area === undefined) return hosts
  return [...hosts, { base: `https://api-${ADJACENT_REGION[area]}.${own}`, role: 'adjacent' }]
}

/** The `baseUrls` option as hosts, in the order given. */
export const givenHosts = (baseUrls: readonly string[]): readonly HostCandidate[] =>
  baseUrls.map((url) => ({ base: url.replace(/\/+$/, ''), role: 'given' }))

/**
 * Reorders the remaining hosts after a failed try. After a network fault the adjacent region comes before the
 * alternate domain, which is another name for the same place; after a DNS fault another name may help, so the order
 * stays.
 */
export const nextHosts = (
  remaining: readonly HostCandidate[],
  fault: FaultKind | undefined,
): readonly HostCandidate[] => {
  const [next, ...rest] = remaining
  if (next?.role !== 'alternate' || fault === undefined || fault === 'dns') return remaining
  const adjacent = rest.filter(({ role }) => role === 'adjacent')
  return [...adjacent, next, ...rest.filter(({ role }) => role !== 'adjacent')]
}

/** The hosts of one client. Remembers which one answered last; uses no timer, times are passed in. */
export interface Hosts {
  /** The hosts to try for a call that begins at `now` (ms); a sticky host and the primary have swapped places. */
  candidates(now: number): readonly HostCandidate[]
  /** To be called when the service answered on this host. */
  reportSuccess(host: HostCandidate, now: number): void
  /** To be called when no host answered a call: the next call begins with the primary. */
  reportFailure(): void
}

/** @param hosts at least one; the first is the primary */
export const createHosts = (hosts: readonly HostCandidate[]): Hosts => {
  const primary = hosts[0]?.base
  let sticky: { base: string; candidates: readonly HostCandidate[]; until: number } | undefined
  return {
    candidates: (now) => (sticky !== undefined && now < sticky.until ? sticky.candidates : hosts),
    reportSuccess: ({ base }, now) => {
      if (base === primary) sticky = undefined
      // The time runs from the first success and is not extended, so that a busy client returns to the primary too.
      else if (sticky?.base !== base || now >= sticky.until) {
        sticky = { base, candidates: swapWithPrimary(hosts, base), until: now + STICKY_HOST_MS }
      }
    },
    reportFailure: () => {
      sticky = undefined
    },
  }
}

const swapWithPrimary = (hosts: readonly HostCandidate[], sticky: string): readonly HostCandidate[] => {
  const primary = hosts[0]
  const preferred = hosts.find(({ base }) => base === sticky)
  if (primary === undefined || preferred === undefined) return hosts
  return hosts.map((host) => {
    if (host.base === primary.base) return preferred
    return host.base === sticky ? primary : host
  })
}
