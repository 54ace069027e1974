import type { Testbed } from '@stillrolling/examples/testbed'

/** A fault of a recording, brought by its page or injected into its task. */
export interface Fault {
  name: string
  /** For a fault that the page brings: the query of its URL. @param faultAt in milliseconds since the epoch */
  query?: (faultAt: number) => string
  /** For a fault that is injected: the emulator's command, run at `faultAt`. */
  command?: Parameters<Testbed['emulator']['runCommand']>[1]
  /** The page never rolls: detection is measured from the sid on, and the round does not wait for the page to roll. */
  fromStart?: boolean
}

/** The board appears this late: after Agora's own reload (readyTimeout, 30 s), and in time for the next attempt. */
const BOARD_AFTER_MS = 50_000

export const FAULTS: readonly Fault[] = [
  { name: 'event 71', command: { do: 'stop', code: 6 } },
  { name: 'renderer killed', command: { do: 'killPage' } },
  { name: 'main thread halted', command: { do: 'freezePage' } },
  { name: 'network cut off', command: { do: 'cutOffPage' } },
  { name: 'video frozen', query: (faultAt) => `?freezeAt=${faultAt}` },
  {
    name: 'never loaded',
    query: (faultAt) => `?boardAt=${faultAt + BOARD_AFTER_MS}`,
    fromStart: true,
  },
]
