import {
  candidateAttempt,
  currentAttempt,
  findAttempt,
} from '../../../packages/reporter/src/supervisor/attempts.ts'
import type { Policy } from '../../../packages/reporter/src/supervisor/policy.ts'
import type { Attempt, Recording } from '../../../packages/reporter/src/supervisor/recording.ts'
import type { Page } from '../environment/page.ts'
import {
  currentNumber,
  type Invariant,
  type InvariantContext,
  isHealthyAndReporting,
  runningTask,
  storedRecording,
} from './context.ts'

/** The reporter suspects an ingress outage from this number of silent pages on. */
const MIN_SILENT_PAGES = 3
/** How late a heartbeat may be that is not missed, in milliseconds. */
const LATENESS_MS = 2000
/** Silence from before an earlier outage may still be acted on for this time, in milliseconds. */
const AFTERMATH_MS = 400_000

/**
 * In an ingress outage that begins while all pages are healthy, no attempt is given up because its page is silent, however
 * long it lasts. At most one canary runs at a time, and nothing of it counts.
 */
export const ingressOutage: Invariant = (context) => {
  const { time } = context.world
  let since: number | null = null
  let outages = 0
  let endedAt = Number.NEGATIVE_INFINITY
  let silent: { id: string; attempt: number }[] = []

  const begin = (): void => {
    const isUndisturbed = outages === 0 && time.now() - endedAt > AFTERMATH_MS
    silent = isUndisturbed ? healthyPages(context) : []
    since = silent.length >= MIN_SILENT_PAGES ? time.now() : null
    outages += 1
  }
  const end = (): void => {
    since = null
    endedAt = time.now()
    outages -= 1
  }
  return {
    onFault: ({ kind, phase }) => {
      if (kind !== 'ingress') return
      if (phase === 'began') begin()
      else end()
    },
    // A page that dies in the outage is as silent as the others, and must not be given up either.
    onCommit: ({ before, after }) => {
      const canaries = [...context.world.memory.tables.recordings.values()].filter(({ recording }) =>
        isCanary(candidateAttempt(recording)),
      )
      if (canaries.length > 1) context.breach(`${canaries.length} canaries at a time`)
      const current = currentAttempt(before)
      if (since === null || !current || isGivenUp(before, current.number)) return
      if (!isGivenUp(after, current.number)) return
      const others = silent.filter(
        ({ id, attempt }) => id !== after.id && currentNumber(storedRecording(context, id)) === attempt,
      )
      if (others.length + 1 < MIN_SILENT_PAGES) return
      context.breach(`${after.id}: attempt ${current.number} is given up in an ingress outage`)
    },
  }
}

const isCanary = (attempt: Attempt | undefined): boolean => attempt?.candidateFor?.code === 'ingress_outage'

const isGivenUp = (recording: Recording, number: number): boolean =>
  [recording.replacing, recording.gaveUp, findAttempt(recording, number)?.endReason].some(
    (why) => why?.code === 'page_silent',
  )

const hasMissedNone = (
  { world }: InvariantContext,
  { lastStored }: Page,
  { heartbeatInterval }: Policy,
): boolean =>
  world.time.now() - (lastStored?.at ?? Number.NEGATIVE_INFINITY) <= heartbeatInterval * 1000 + LATENESS_MS

/**
 * The pages that have ever sent a report in a current attempt, if all of them are healthy and reporting; else none. None
 * either if their timeouts differ, or one has missed a heartbeat already: it may be judged before enough others are silent.
 */
const healthyPages = (context: InvariantContext): { id: string; attempt: number }[] => {
  const { memory, pages } = context.world
  const reporting = [...memory.tables.recordings.values()].flatMap(({ recording }) => {
    const attempt = currentAttempt(recording)
    return attempt && attempt.lastBeatAt !== null ? [{ recording, attempt }] : []
  })
  const healthy = reporting.filter(({ recording, attempt }) => {
    const task = runningTask(context, recording.id, attempt.number)
    const page = task && pages.of(task)
    return (
      page !== undefined &&
      isHealthyAndReporting(context, page, recording.policy) &&
      hasMissedNone(context, page, recording.policy)
    )
  })
  const timeouts = new Set(reporting.map(({ recording }) => recording.policy.heartbeatTimeout))
  if (healthy.length < reporting.length || timeouts.size > 1) return []
  return healthy.map(({ recording, attempt }) => ({ id: recording.id, attempt: attempt.number }))
}
