import type { Testbed } from '@stillrolling/examples/testbed'

/** One thing that goes wrong with a recording, and when. */
export interface Fault {
  name: string
  /** More of the page's URL, for a fault that the page brings along. `faultAt` is in milliseconds since the epoch. */
  query?: (faultAt: number) => string
  /** Done to its task at `faultAt`, for a fault that comes from outside. */
  command?: Parameters<Testbed['emulator']['runCommand']>[1]
  /** Wrong from the start: detection counts from the sid, and nobody waits for the page to roll first. */
  fromTheStart?: boolean
}

/** After this the page of a new attempt has its board; Agora's own reload (readyTimeout, 30 s) comes earlier. */
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
    fromTheStart: true,
  },
]
