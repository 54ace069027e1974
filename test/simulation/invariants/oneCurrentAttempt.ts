import type { Invariant } from './context.ts'

/** At most one attempt is starting or current, and it is the newest. */
export const oneCurrentAttempt: Invariant = ({ breach }) => ({
  onCommit: ({ after: { id, attempts } }) => {
    const counting = attempts.filter(({ state }) => state === 'starting' || state === 'current')
    if (counting.length > 1 || (counting[0] && counting[0] !== attempts.at(-1))) {
      breach(`${id}: attempts ${counting.map(({ number }) => number).join(', ')} count`)
    }
  },
})
