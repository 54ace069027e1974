import type { Decision } from '../supervisor/decide.ts'
import type { TimelineCode } from '../supervisor/timeline.ts'

/** Who requested something. */
export interface Requester {
  /** The name of the key, or the job; absent if nothing was requested. */
  by?: string
}

const REQUESTS: readonly TimelineCode[] = [
  'recording.created',
  'recording.restart_requested',
  'recording.pause_requested',
  'recording.resume_requested',
  'recording.changed',
  'recording.change_requested',
  'recording.stop_requested',
]

/** The same decision; the evidence of what was requested says who did so. */
export const withRequester = (decision: Decision, { by }: Requester): Decision => {
  if (by === undefined) return decision
  const timeline = decision.timeline.map((entry) =>
    REQUESTS.includes(entry.code) ? { ...entry, evidence: { ...entry.evidence, by } } : entry,
  )
  return { ...decision, timeline }
}
