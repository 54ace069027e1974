import type { Task } from '../environment/task.ts'
import type { FaultEvent } from '../observer.ts'
import type { InvariantContext } from './context.ts'

/** The faults that may keep an attempt from starting beside another one. */
export interface PreventingFaults {
  onFault(event: FaultEvent): void
  /** Whether the reporter could not be reached: a page behind the fence waits for it, and Agora ends its task. */
  wasUnreachable(since: number): boolean
  /** Whether a fault was there from `since` on, or shortly before, that may have delayed the start of a task's candidate. */
  hasPreventedStart(task: Task, since: number): boolean
  /** Whether a fault was there from `since` on that may have kept the reporter from stopping the task in time. */
  hasPreventedStop(task: Task, since: number): boolean
}

/** From a candidate's request to its page's `loaded`, in milliseconds: a slow page takes longest. */
const CANDIDATE_MS = 90_000
/** Between two times that the reporter stores, in milliseconds, with the pass of the sweep that does it. */
const TICK_MS = 1200

/** What may keep a candidate from starting: the reporter does not run, Agora is unreachable or ends the task, or no page loads. */
const PREVENTING: ReadonlySet<string> = new Set([
  ...['crash', 'suspension', 'store', 'egress', 'answer', 'task', 'pageServer'],
])

export const trackPreventingFaults = ({ world }: InvariantContext): PreventingFaults => {
  const lasting = new Map<string, number>()
  const lastAt = new Map<string, number>()
  const lasts = (kind: FaultEvent['kind']): boolean => (lasting.get(kind) ?? 0) > 0
  /** Since when a process can store a time, and has not done so since a step; null if none is to be stored. */
  let unstoredStep: { runningSince: number } | null = null
  /** When it last became certain that a step remains unknown. */
  let unknownStepAt = Number.NEGATIVE_INFINITY
  /** No clock says by how much the wall clock stepped if no process ran then, or one that ended before it stored the time. */
  const trackSteps = ({ kind, phase }: FaultEvent): void => {
    const now = world.time.now()
    const isPrevented = lasts('suspension') || lasts('store')
    if (unstoredStep && !isPrevented && now - unstoredStep.runningSince > TICK_MS) unstoredStep = null
    const canStoreAgain = phase === 'ended' && (kind === 'suspension' || kind === 'store')
    if (kind === 'clockStep' || (unstoredStep && canStoreAgain)) unstoredStep = { runningSince: now }
    const isDown = lasts('crash') || (kind === 'crash' && phase === 'began')
    if (unstoredStep && isDown) unknownStepAt = now
  }
  const hasFaultSince = ({ recordingId, startedAt }: Task, since: number): boolean =>
    unknownStepAt >= startedAt ||
    [...PREVENTING, recordingId].some((key) => (lasting.get(key) ?? 0) > 0 || (lastAt.get(key) ?? 0) > since)
  return {
    onFault: (event) => {
      trackSteps(event)
      const { kind, phase, detail } = event
      if (!PREVENTING.has(kind) && kind !== 'ingress') return
      const key = kind === 'task' ? (detail?.split(' ')[0] ?? kind) : kind
      const change = phase === 'began' ? 1 : phase === 'ended' ? -1 : 0
      lasting.set(key, (lasting.get(key) ?? 0) + change)
      lastAt.set(key, world.time.now())
    },
    wasUnreachable: (since) => lasts('ingress') || (lastAt.get('ingress') ?? 0) > since,
    hasPreventedStart: (task, since) => hasFaultSince(task, since - CANDIDATE_MS),
    hasPreventedStop: hasFaultSince,
  }
}
