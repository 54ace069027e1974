import { isDeepStrictEqual } from 'node:util'
import { liveAttempt, type Recording } from '../../../packages/reporter/src/supervisor/recording.ts'
import type { Invariant } from './context.ts'

/** A signal of an attempt that is not current changes nothing about the current one. */
export const supersededIgnored: Invariant = ({ breach }) => ({
  onCommit: ({ before, after, signal }) => {
    if (!('attempt' in signal)) return
    const current = liveAttempt(before)
    if (!current || current.number === signal.attempt) return
    if (isDeepStrictEqual(currentFacts(before), currentFacts(after))) return
    breach(`${before.id}: ${signal.type} of attempt ${signal.attempt} changed attempt ${current.number}`)
  },
})

/** What belongs to the current attempt or the recording as a whole. `stopBy` belongs to the attempts being stopped. */
const currentFacts = ({
  desired,
  state,
  deadlines,
  failures,
  neverLoaded,
  gaveUp,
  attempts,
}: Recording): unknown => {
  const { stopBy, ...others } = deadlines
  return { desired, state, others, failures, neverLoaded, gaveUp, current: attempts.at(-1) }
}
