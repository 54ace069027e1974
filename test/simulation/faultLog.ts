import type { FaultEvent, Observer } from './observer.ts'
import type { FaultKind } from './scenario/scenario.ts'

/** Reports faults to the observer, and counts those that last. */
export interface FaultLog {
  began(kind: FaultKind, detail?: string): void
  ended(kind: FaultKind, detail?: string): void
  /** A fault without duration. */
  occurred(kind: FaultKind): void
  /** No fault lasts now. */
  isFaultFree(): boolean
}

export const createFaultLog = (observer: Pick<Observer, 'onFault'>): FaultLog => {
  let lasting = 0
  const report = (event: FaultEvent): void => observer.onFault(event)
  return {
    began: (kind, detail) => {
      lasting += 1
      report({ kind, phase: 'began', detail })
    },
    ended: (kind, detail) => {
      lasting -= 1
      report({ kind, phase: 'ended', detail })
    },
    occurred: (kind) => report({ kind, phase: 'occurred' }),
    isFaultFree: () => lasting === 0,
  }
}
