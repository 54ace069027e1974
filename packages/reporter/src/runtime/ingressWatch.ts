import type { Logger } from 'pino'
import { candidateAttempt, findAttempt } from '../supervisor/attempts.ts'
import type { Attempt, Recording, Time } from '../supervisor/recording.ts'
import type { PageActivity } from './heartbeatBuffer.ts'

/**
 * When most pages fall silent together, the way to the reporter is broken (network, DNS, certificate, proxy), not the
 * pages. Silence then restarts nothing, however long it lasts. A canary, one candidate beside one silent page, shows
 * whether reports arrive:
 *
 *   listening ──most pages silent──► outage ──a canary reports──► replacing ──enough pages report──► listening
 *       ▲                              │ ▲                         (silent pages one by one)
 *       └──enough pages report─────────┘ └─ a canary is silent too: the next one after a longer wait
 *
 * If none of the silent pages may be open twice (`handOver: "replace"`), a page that reports takes the canary's place.
 *
 * Certain evidence (event 71, status 20, a confirmed 404) counts at any time.
 */
export interface IngressWatch {
  /** Compares the pages' last reports with `now`; call it about once a second. */
  update(now: Time): void
  /** Since when silence restarts nothing; null if it does. */
  outageSince(): Time | null
  /**
   * The reporter was not listening until now: silence is measured from here. `clockStepBackMs` is how far the wall clock
   * stepped back meanwhile.
   */
  resumed(now: Time, clockStepBackMs?: number): void
  /** A recording was decided on: what became of a canary. */
  observe(recording: Recording): void
  /** What to do about a silent page now, if anything. */
  nextStep(now: Time): IngressStep | undefined
  /** What the recording has become with the step; undefined if there is no such recording. */
  taken(step: IngressStep, recording: Recording | undefined, now: Time): void
}

export interface IngressStep {
  recordingId: string
  type: 'canary' | 'replaceSilent'
}

/** All in seconds. */
export interface IngressLimits {
  /** From the beginning of an outage to its first canary. */
  patience: number
  /** Between a canary that was silent too and the next one; the last value repeats. */
  canaryWaits: readonly number[]
  /** Between two replaced pages, once a canary has reported. */
  replaceInterval: number
}

export const INGRESS_LIMITS: IngressLimits = {
  patience: 60,
  canaryWaits: [120, 300, 600],
  replaceInterval: 5,
}

/** One or two pages may well die independently of each other. */
const MIN_SILENT_PAGES = 3
const SILENT_RATIO = 0.5
/**
 * Heartbeat intervals after which a page counts as silent. The first page is suspected after two intervals or more; by
 * then the others have missed a heartbeat as well.
 */
const MISSED_INTERVALS = 1.5
/** Heartbeat intervals that the remaining pages get once enough report again: pages return one by one. */
const RECOVERY_INTERVALS = 3
/** Milliseconds. A page that has been silent for longer before an outage began says nothing about the way in. */
const MAX_SILENCE_MS = 300_000

/** `attempt` is null until the recording has started it. */
interface Canary {
  recordingId: string
  attempt: number | null
}

type Phase =
  | { name: 'listening' }
  | { name: 'outage'; since: Time; nextCanaryAt: Time; silentCanaries: number }
  | { name: 'replacing'; since: Time; nextAt: Time }

export const createIngressWatch = (
  pages: () => Iterable<PageActivity>,
  log: Logger,
  limits: IngressLimits = INGRESS_LIMITS,
): IngressWatch => {
  let phase: Phase = { name: 'listening' }
  let recoveredSince: Time | null = null
  let listeningSince: Time = Number.NEGATIVE_INFINITY
  /** The canary that is being started or runs. It may have been started in an earlier outage, or by an earlier process. */
  let canary: Canary | null = null
  /** Recordings that were chosen, so that the next canary or replacement is another one. */
  let chosen: string[] = []

  const isSilent = (page: PageActivity, now: Time): boolean =>
    silenceOf(page, { now, listeningSince }) > MISSED_INTERVALS * page.interval

  const end = (message: string): void => {
    log.warn(message)
    phase = { name: 'listening' }
    recoveredSince = null
    chosen = []
  }

  const recover = (now: Time, longestInterval: number): void => {
    if (phase.name === 'listening') return
    recoveredSince ??= now
    if (now - recoveredSince < RECOVERY_INTERVALS * longestInterval) return
    end('ingress outage is over: enough pages report again')
  }

  const begin = (now: Time, counts: { silent: number; live: number }): void => {
    phase = {
      name: 'outage',
      since: now,
      nextCanaryAt: now + limits.patience * 1000,
      silentCanaries: 0,
    }
    const message =
      'ingress outage: most pages are silent, so silence restarts nothing. Is PUBLIC_URL reachable from outside?'
    log.error(counts, message)
  }

  /** Only a recording that would act on the step: any other would be asked every few seconds, without effect. */
  const choose = (now: Time, can: 'canStartCanary' | 'canReplaceSilent'): string | undefined => {
    const silent = [...pages()].filter((page) => page[can] && isSilent(page, now)).map(idOf)
    const next = silent.find((id) => !chosen.includes(id)) ?? silent[0]
    if (next !== undefined) chosen = [...chosen.filter((id) => id !== next), next]
    return next
  }

  const replaceSilentPages = (since: Time, now: Time): void => {
    phase = { name: 'replacing', since, nextAt: now }
  }

  const canaryFailed = (now: Time): void => {
    if (phase.name !== 'outage') return
    const { silentCanaries } = phase
    const wait = limits.canaryWaits[Math.min(silentCanaries, limits.canaryWaits.length - 1)] ?? 0
    phase = { ...phase, silentCanaries: silentCanaries + 1, nextCanaryAt: now + wait * 1000 }
    log.warn({ canaries: silentCanaries + 1, wait }, 'the canary is silent too: the way in is broken')
  }

  let lastUpdate: Time = 0

  return {
    update: (now) => {
      lastUpdate = now
      const counts = count(pages(), { now, listeningSince, withLongSilent: phase.name !== 'listening' })
      // During an outage, silent pages that end for another reason do not show that the others can report.
      const isEnough = phase.name === 'listening' ? counts.silent >= MIN_SILENT_PAGES : counts.live > 0
      if (!isEnough || counts.silent < SILENT_RATIO * counts.live) {
        recover(now, counts.longestInterval)
        return
      }
      recoveredSince = null
      if (phase.name === 'listening') begin(now, { silent: counts.silent, live: counts.live })
    },
    outageSince: () => (phase.name === 'listening' ? null : phase.since),
    resumed: (now, clockStepBackMs = 0) => {
      listeningSince = now
      phase = shiftPhase(phase, clockStepBackMs)
      recoveredSince = recoveredSince && recoveredSince - clockStepBackMs
    },
    observe: (recording) => {
      const candidate = canaryOf(recording)
      if (candidate) canary = { recordingId: recording.id, attempt: candidate.number }
      if (canary?.recordingId !== recording.id) return
      const attempt = findAttempt(recording, canary.attempt ?? 0)
      if (!attempt) return
      if (attempt.state !== 'candidate') canary = null
      if (phase.name !== 'outage') return
      if ((attempt.lastBeatAt ?? 0) >= phase.since) {
        log.warn(
          { recordingId: recording.id },
          'a canary reports: the silent pages are broken, not the way in',
        )
        replaceSilentPages(phase.since, lastUpdate)
      } else if (canary === null) {
        canaryFailed(lastUpdate)
      }
    },
    nextStep: (now) => {
      if (phase.name === 'listening' || recoveredSince !== null) return undefined
      if (phase.name === 'replacing') {
        if (now < phase.nextAt) return undefined
        const recordingId = choose(now, 'canReplaceSilent')
        if (recordingId === undefined) return undefined
        phase = { ...phase, nextAt: now + limits.replaceInterval * 1000 }
        return { recordingId, type: 'replaceSilent' }
      }
      if (canary !== null || now < phase.nextCanaryAt) return undefined
      const recordingId = choose(now, 'canStartCanary')
      if (recordingId === undefined) {
        // Where no page may be open twice, the pages that report must serve as canaries.
        const reporting = [...pages()].find((page) => !isSilent(page, now))
        if (!reporting) return undefined
        log.warn('other pages report, and no canary can be started: the silent pages are broken')
        replaceSilentPages(phase.since, now)
        return undefined
      }
      canary = { recordingId, attempt: null }
      return { recordingId, type: 'canary' }
    },
    taken: ({ type, recordingId }, recording, now) => {
      if (type !== 'canary' || phase.name !== 'outage') return
      const candidate = recording && canaryOf(recording)
      canary = candidate ? { recordingId, attempt: candidate.number } : null
      // A recording that started none, for example because it was stopped meanwhile, is passed over.
      if (!candidate) phase = { ...phase, nextCanaryAt: now + limits.replaceInterval * 1000 }
    },
  }
}

const idOf = ({ recordingId }: PageActivity): string => recordingId

const canaryOf = (recording: Recording): Attempt | undefined => {
  const candidate = candidateAttempt(recording)
  return candidate?.candidateFor?.code === 'ingress_outage' ? candidate : undefined
}

const shiftPhase = (phase: Phase, backMs: number): Phase => {
  if (phase.name === 'listening') return phase
  const since = phase.since - backMs
  return phase.name === 'outage'
    ? { ...phase, since, nextCanaryAt: phase.nextCanaryAt - backMs }
    : { ...phase, since, nextAt: phase.nextAt - backMs }
}

const silenceOf = (
  { at }: PageActivity,
  { now, listeningSince }: { now: Time; listeningSince: Time },
): number => now - Math.max(at, listeningSince)

const count = (
  pages: Iterable<PageActivity>,
  { now, listeningSince, withLongSilent }: { now: Time; listeningSince: Time; withLongSilent: boolean },
): { silent: number; live: number; longestInterval: number } => {
  let [silent, live, longestInterval] = [0, 0, 0]
  for (const page of pages) {
    const { interval } = page
    const silence = silenceOf(page, { now, listeningSince })
    if (!withLongSilent && silence > MAX_SILENCE_MS) continue
    live += 1
    longestInterval = Math.max(longestInterval, interval)
    if (silence > MISSED_INTERVALS * interval) silent += 1
  }
  return { silent, live, longestInterval }
}
