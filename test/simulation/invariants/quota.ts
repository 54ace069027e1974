import type { Invariant } from './context.ts'

/** The reporter never sends more requests within one second than the App ID may. */
export const quota: Invariant = ({ breach }) => ({
  onQuotaExceeded: (inOneSecond) => breach(`${inOneSecond} requests within a second`),
})
