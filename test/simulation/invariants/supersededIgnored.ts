import { isDeepStrictEqual } from 'node:util'
import { isSupervised, supervisedAttempts } from '../../../packages/reporter/src/supervisor/attempts.ts'
import type { AttentionCode, Recording } from '../../../packages/reporter/src/supervisor/recording.ts'
import type { Invariant } from './context.ts'

/**
 * A signal of an attempt that is neither current nor a candidate changes nothing about those that are. Attention about its
 * own files is its own; that on the way in ends with the ingress outage, and that on idle exits when they are rare again,
 * whichever signal comes next.
 */
export const supersededIgnored: Invariant = ({ breach }) => ({
  onCommit: ({ before, after, signal }) => {
    if (!('attempt' in signal) || isSupervised(before, signal.attempt)) return
    const numbers = supervisedAttempts(before).map(({ number }) => number)
    // The first signal after a downtime of the reporter renews the deadlines of all.
    if (before.appliedDowntimes.count < after.appliedDowntimes.count) return
    if (numbers.length === 0 || numbers.includes(signal.attempt)) return
    const isSame = isDeepStrictEqual(supervisedFacts(before), supervisedFacts(after))
    if (isSame && timedIn(after).every((code) => timedIn(before).includes(code))) return
    breach(`${before.id}: ${signal.type} of attempt ${signal.attempt} changed ${numbers.join(' or ')}`)
  },
})

/**
 * What belongs to the supervised attempts or to the recording as a whole. `stopBy` belongs to the attempts being stopped,
 * and how often timeline entries repeated is no fact of theirs.
 */
const supervisedFacts = (recording: Recording): unknown => {
  const { attempts, attention, repeats, deadlines, ...facts } = recording
  const { stopBy, repeatsAt, ...others } = deadlines
  const raised = attention.filter(({ code }) => !FILE_CODES.has(code) && !TIMED_CODES.has(code))
  return { facts, raised, others, supervised: supervisedAttempts(recording) }
}

/** These may end with any signal, and begin with none of a superseded attempt. */
const timedIn = ({ attention }: Recording): AttentionCode[] =>
  attention.map(({ code }) => code).filter((code) => TIMED_CODES.has(code))

const FILE_CODES: ReadonlySet<AttentionCode> = new Set(['no_files', 'upload_failing', 'uploads_backuped'])
const TIMED_CODES: ReadonlySet<AttentionCode> = new Set(['reports_not_received', 'frequent_idle_exits'])
