import type { RecordingView, TimelineView } from '@stillrolling/reporter'

/** Why attempts failed, in order, including the last one of a recording that gave up while Agora still records. */
export const reasonsOf = ({ attempts, state, reason }: RecordingView): string[] => [
  ...attempts.flatMap(({ endReason }) => (endReason && endReason.code !== 'stopped' ? [endReason.code] : [])),
  ...(state === 'unhealthy' && reason ? [reason.code] : []),
]

const FIRST_SIGNS = [
  'page.check_failed',
  'page.silent',
  'page.never_contacted',
  'candidate.started',
  'attempt.failed',
]

/**
 * Seconds from the fault (one that was injected) or from the first sign of trouble (the page's) until the recording rolled
 * again; null when no attempt failed, or when it never rolled again.
 */
export const recoverySeconds = (timeline: TimelineView[], faultAt: number | undefined): number | null => {
  const sign = timeline.find(({ code }) => FIRST_SIGNS.includes(code))
  if (!sign) return null
  const from = faultAt ?? Date.parse(sign.at)
  const recovered = timeline.find(({ id, code }) => id > sign.id && code === 'recording.rolling')
  return recovered ? Math.round((Date.parse(recovered.at) - from) / 100) / 10 : null
}
