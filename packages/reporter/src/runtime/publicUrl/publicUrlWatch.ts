import { randomUUID } from 'node:crypto'
import type { Logger } from 'pino'
import type { Acceptance, Check } from '../acceptance.ts'
import { type Clock, type Every, every } from '../clock.ts'
import type { IngressWatch } from '../ingressWatch.ts'
import { type AskPublicUrl, createAskPublicUrl } from './askPublicUrl.ts'
import { type Finding, type Identity, judgeAnswer, judgeFailure } from './finding.ts'

/**
 * The reporter asks its own public address, at the start, every minute, and immediately when an ingress outage begins, so
 * that the cause of an outage has a name. It advises people; no decision depends on it, because some networks do not let a
 * machine reach its own public address although pages can (no hairpin NAT).
 */
export interface PublicUrlWatch {
  /** By which the reporter recognises its own answer. */
  identity: Identity
  /** For `/readyz`. */
  check(): Check
  /** What was found, for a recording whose reports are not received; undefined if nothing is known. */
  cause(): string | undefined
  /** Asks if it is time to. Never rejects. */
  runOnce(): Promise<void>
  start(): void
  /** Ends the request in progress. */
  stop(): Promise<void>
}

export interface PublicUrlOptions {
  /** Without a slash at the end; undefined if the address is not to be asked. */
  url: string | undefined
  clock: Clock
  log: Pick<Logger, 'info' | 'warn'>
  ingress: Pick<IngressWatch, 'outageSince'>
  /** When pages last reported. */
  reports: Pick<Acceptance, 'acceptedAt'>
  ask?: AskPublicUrl
  repeat?: Every
}

/** Between two requests, and between two lines of the log. */
const INTERVAL_MS = 60_000
/** Between two checks whether an outage has begun. */
const POLL_MS = 1000
/** Pages report at least once in this time: the largest `heartbeatInterval`. */
const REPORTING_MS = 300_000

export const createPublicUrlWatch = (options: PublicUrlOptions): PublicUrlWatch => {
  const { url, clock, log, ingress, reports, ask = createAskPublicUrl(), repeat = every } = options
  const identity: Identity = { reporter: 'stillrolling', instance: randomUUID() }
  const ending = new AbortController()
  let finding: Finding | undefined
  /** When the address was first found not to reach a reporter. */
  let unreachedSince: number | null = null
  let askedAt = Number.NEGATIVE_INFINITY
  /** The outage in which it was asked last. */
  let askedInOutage: number | null = null
  let logged: string | undefined
  let loggedAt = Number.NEGATIVE_INFINITY
  let asking: Promise<void> = Promise.resolve()
  let isAsking = false
  let endPolling = (): void => {}

  const logChange = ({ kind, reaches, detail }: Finding): void => {
    const news = reaches ? kind : detail
    if (news === logged || clock.elapsed() - loggedAt < INTERVAL_MS) return
    logged = news
    loggedAt = clock.elapsed()
    const isWell = reaches && kind !== 'expiring'
    const fields = { publicUrl: url, finding: kind }
    if (isWell) log.info(fields, `PUBLIC_URL: ${detail}`)
    else if (reaches) log.warn(fields, `PUBLIC_URL: ${detail}`)
    else log.warn(fields, `PUBLIC_URL: ${detail}. ${HAIRPIN}`)
  }

  const look = async (address: string): Promise<Finding> => {
    try {
      const answer = await ask(address, ending.signal)
      return judgeAnswer(answer, { url: address, instance: identity.instance, now: clock.now() })
    } catch (error) {
      return judgeFailure(error, address)
    }
  }

  const askNow = async (address: string): Promise<void> => {
    const found = await look(address)
    if (ending.signal.aborted) return
    finding = found
    unreachedSince = found.reaches ? null : (unreachedSince ?? clock.now())
    logChange(found)
  }

  const isDue = (): boolean => {
    const outage = ingress.outageSince()
    const isNewOutage = outage !== null && outage !== askedInOutage
    return isNewOutage || clock.elapsed() - askedAt >= INTERVAL_MS
  }

  const runOnce = async (): Promise<void> => {
    if (url === undefined || isAsking || !isDue()) return
    askedAt = clock.elapsed()
    askedInOutage = ingress.outageSince()
    isAsking = true
    await askNow(url)
    isAsking = false
  }

  /** A report since the address was found not to reach a reporter shows that pages do reach it. */
  const pagesReport = (): boolean => {
    const at = reports.acceptedAt()
    if (ingress.outageSince() !== null || at === undefined || unreachedSince === null) return false
    return at >= unreachedSince && clock.now() - at < REPORTING_MS
  }

  return {
    identity,
    check: () => {
      if (url === undefined) return { ok: true, detail: 'is not checked' }
      if (!finding) return { ok: true, detail: 'has not been asked yet' }
      const { kind, reaches, detail } = finding
      if (reaches) return { ok: kind !== 'expiring', detail }
      return pagesReport()
        ? { ok: true, detail: `${detail}; pages do report, so only the reporter itself cannot reach it` }
        : { ok: false, detail: `${detail}. ${HAIRPIN}` }
    },
    cause: () =>
      finding &&
      (finding.reaches
        ? `The reporter itself reaches PUBLIC_URL: ${finding.detail}. Check the way from the pages to it`
        : `The reporter cannot reach PUBLIC_URL either: ${finding.detail}`),
    runOnce,
    start: () => {
      asking = runOnce()
      endPolling = repeat(POLL_MS, () => {
        if (!isAsking) asking = runOnce()
      })
    },
    stop: async () => {
      endPolling()
      ending.abort()
      await asking
    },
  }
}

const HAIRPIN = 'If pages report all the same, only the reporter itself cannot reach its address'
