import type { FaultKind } from './fault.ts'
import type { Area } from './requests/calls.ts'

/** One step of the host ladder: where a try goes. */
export interface Rung {
  /** Without a slash at the end. */
  readonly base: string
  readonly role: 'primary' | 'alternate' | 'adjacent' | 'given'
}

/** Seconds before the second, third, fourth and any later rung (Agora, domain switching). */
export const RUNG_WAITS: readonly [number, ...number[]] = [1, 3, 6]

/** How long a host that answered when the primary did not is asked first; then the primary is tried again. */
export const WINNER_STAYS_MS = 300_000

const DOMAINS = { outside: 'agora.io', mainland: 'sd-rtn.com' } as const

// Agora has two regions in each area. The primary's name resolves to the one nearest to the caller, which the
// client cannot see; these are the ones that fewer callers are nearest to, so mostly the other one.
const ADJACENT_REGION: Readonly<Record<Area, string>> = {
  NA: 'us-west-1',
  EU: 'eu-west-1',
  AP: 'ap-northeast-1',
  CN: 'cn-north-1',
}

/**
 * Agora's hosts in the order in which they are tried: the primary of the area, the primary again, its
 * alternate domain, the adjacent region (Agora, domain switching). Without an area nobody knows which region
 * is adjacent, so that rung is left out.
 */
export const ladderOf = (area: Area | undefined): readonly Rung[] => {
  const [own, other] =
    area === 'CN' ? [DOMAINS.mainland, DOMAINS.outside] : [DOMAINS.outside, DOMAINS.mainland]
  const primary: Rung = { base: `https://api.${own}`, role: 'primary' }
  const rungs: Rung[] = [primary, primary, { base: `https://api.${other}`, role: 'alternate' }]
  if (area === undefined) return rungs
  return [...rungs, { base: `https://api-${ADJACENT_REGION[area]}.${own}`, role: 'adjacent' }]
}

/** The caller's own hosts: each is one rung, in the order given. */
export const ladderOfUrls = (baseUrls: readonly string[]): readonly Rung[] =>
  baseUrls.map((url) => ({ base: url.replace(/\/+$/, ''), role: 'given' }))

/**
 * What is left to climb after a try failed. A network fault skips the alternate domain, which leads to the
 * same place by another name: the adjacent region comes first. A name that did not resolve does not.
 */
export const climb = (left: readonly Rung[], fault: FaultKind | undefined): readonly Rung[] => {
  const [next, ...after] = left
  if (next?.role !== 'alternate' || fault === undefined || fault === 'dns') return left
  const adjacent = after.filter(({ role }) => role === 'adjacent')
  return [...adjacent, next, ...after.filter(({ role }) => role !== 'adjacent')]
}

/** The hosts of one client, and which of them answered last. No timer: the time is read when it is asked. */
export interface Hosts {
  /** The rungs of a call that begins now; the winner, if there is one, has changed places with the primary. */
  rungs(now: number): readonly Rung[]
  /** The service answered there. */
  won(rung: Rung, now: number): void
  /** No host answered a call: the next one begins with the primary. */
  lost(): void
}

/** @param ladder at least one rung; the first is the primary */
export const createHosts = (ladder: readonly Rung[]): Hosts => {
  const primary = ladder[0]?.base
  let winner: { base: string; rungs: readonly Rung[]; until: number } | undefined
  return {
    rungs: (now) => (winner !== undefined && now < winner.until ? winner.rungs : ladder),
    won: ({ base }, now) => {
      if (base === primary) winner = undefined
      // Its time runs from when it first won: a busy client must find back to the primary too.
      else if (winner?.base !== base || now >= winner.until) {
        winner = { base, rungs: exchanged(ladder, base), until: now + WINNER_STAYS_MS }
      }
    },
    lost: () => {
      winner = undefined
    },
  }
}

/** The ladder with the winner and the primary in each other's places. */
const exchanged = (ladder: readonly Rung[], winner: string): readonly Rung[] => {
  const first = ladder[0]
  const won = ladder.find(({ base }) => base === winner)
  if (first === undefined || won === undefined) return ladder
  return ladder.map((rung) => {
    if (rung.base === first.base) return won
    return rung.base === winner ? first : rung
  })
}
