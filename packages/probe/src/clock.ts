/** Time and timers, in milliseconds; `now` counts from the document's navigation start. */
export interface Clock {
  now(): number
  setTimeout(callback: () => void, delayMs: number): number
  clearTimeout(timer: number | undefined): void
}
