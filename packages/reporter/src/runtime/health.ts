import { iso } from '../isoTime.ts'
import type { Store } from '../store/store.ts'
import type { Acceptance, Check } from './acceptance.ts'
import type { Clock } from './clock.ts'
import type { DeliveryHealth } from './deliveries/deliveryHealth.ts'
import type { IngressWatch } from './ingressWatch.ts'
import type { PublicUrlWatch } from './publicUrl/publicUrlWatch.ts'
import type { Sweep } from './sweep.ts'
import type { UnreadableRecordings } from './unreadableRecordings.ts'

/** Whether the reporter does its work, for load balancers, alerts and people. */
export interface Health {
  check(): Promise<Readiness>
  /** Not ready from now on: the process is shutting down. */
  drain(): void
}

/**
 * A `degraded` reporter still serves, although a person should look at a check: without the pages' reports it could not
 * notice the end of an outage. An `unavailable` one does not serve.
 */
export type ReadinessStatus = 'ok' | 'degraded' | 'unavailable'

export interface Readiness {
  status: ReadinessStatus
  checks: Record<CheckName, Check>
}

export const CHECKS = [
  'database',
  'supervisor',
  'process',
  'reports',
  'publicUrl',
  'recordings',
  'agora',
  'notifications',
  'tokens',
  'storage',
  'channelTokens',
  'deliveries',
] as const
export type CheckName = (typeof CHECKS)[number]

/**
 * What is accepted and refused: requests to Agora, Agora's notifications, the tokens of reports, temporary storage
 * credentials, and the tokens of channels.
 */
export type Acceptances = Record<
  'agora' | 'notifications' | 'tokens' | 'storage' | 'channelTokens',
  Acceptance
>

/** Due recordings are handled ten times a second. */
const MAX_PASS_AGE_MS = 30_000
/** Ids that a check names. */
const MAX_IDS = 10

export const createHealth = (parts: {
  store: Store
  clock: Clock
  sweep: Pick<Sweep, 'passedAt'>
  ingress: Pick<IngressWatch, 'outageSince'>
  publicUrl: Pick<PublicUrlWatch, 'check'>
  unreadable: Pick<UnreadableRecordings, 'ids'>
  deliveries: { health: DeliveryHealth }
  acceptances: Record<keyof Acceptances, Pick<Acceptance, 'check'>>
}): Health => {
  const { store, clock, sweep, ingress, publicUrl, unreadable, deliveries, acceptances } = parts
  let draining = false

  const database = async (): Promise<Check> => {
    try {
      await store.readTick()
      return { ok: true, detail: 'responds' }
    } catch {
      return { ok: false, detail: 'cannot be read; the log says why' }
    }
  }

  const supervisor = (): Check => {
    const passedAt = sweep.passedAt()
    if (passedAt === undefined) return { ok: false, detail: 'has handled no deadlines yet' }
    const age = clock.elapsed() - passedAt
    const handled = `handled all due recordings ${(age / 1000).toFixed(1)} s ago`
    const isRecent = age < MAX_PASS_AGE_MS
    return { ok: isRecent, detail: isRecent ? handled : `${handled} for the last time; the log says why` }
  }

  const reports = (): Check => {
    const since = ingress.outageSince()
    return since === null
      ? { ok: true, detail: 'are arriving' }
      : {
          ok: false,
          detail: `most pages have been silent since ${iso(since)}: silence alone restarts nothing; canaries show whether reports arrive`,
        }
  }

  const recordings = (): Check => {
    const ids = unreadable.ids()
    if (ids.length === 0) return { ok: true, detail: 'can be read' }
    const more = ids.length > MAX_IDS ? ` and ${ids.length - MAX_IDS} more` : ''
    const named = `${ids.slice(0, MAX_IDS).join(', ')}${more}`
    const subject = ids.length === 1 ? '1 live recording' : `${ids.length} live recordings`
    const verb = ids.length === 1 ? 'is' : 'are'
    return {
      ok: false,
      detail: `${subject} cannot be read by this version and ${verb} not supervised: ${named}; the log says why`,
    }
  }

  return {
    check: async () => {
      const checks = {
        database: await database(),
        supervisor: supervisor(),
        process: draining ? { ok: false, detail: 'is shutting down' } : { ok: true, detail: 'is running' },
        reports: reports(),
        publicUrl: publicUrl.check(),
        recordings: recordings(),
        agora: acceptances.agora.check(),
        notifications: acceptances.notifications.check(),
        tokens: acceptances.tokens.check(),
        storage: acceptances.storage.check(),
        channelTokens: acceptances.channelTokens.check(),
        deliveries: await deliveries.health.check(),
      }
      const serves = checks.database.ok && checks.supervisor.ok && checks.process.ok
      const isWell = Object.values(checks).every(({ ok }) => ok)
      return { status: serves ? (isWell ? 'ok' : 'degraded') : 'unavailable', checks }
    },
    drain: () => {
      draining = true
    },
  }
}
