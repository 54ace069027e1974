import type { CallView } from './calls.ts'
import type { FaultView } from './faults.ts'

/** Something that happened, for a log. `at` is in ms since the epoch. */
export type EmulatorLogEntry = { at: number } & (
  | { type: 'call'; call: CallView }
  | { type: 'task'; sid: string; cname: string; uid: string; message: string }
  | {
      type: 'notification'
      sid: string
      cname: string
      event: number
      noticeId: string
      outcome:
        | 'delivered'
        /** A retry follows. */
        | 'failed'
        /** No retry follows. */
        | 'givenUp'
        | 'noReceiver'
        | 'dropped'
        | 'delayed'
        | 'doubled'
        | 'reordered'
      detail?: string
    }
  | { type: 'fault'; change: 'created' | 'removed'; fault: FaultView }
  | { type: 'browser'; message: string }
)
