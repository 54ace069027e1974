/** Defaults of Playwright's that keep the timers of hidden pages from being held back, as Chrome does by itself. */
export const AGAINST_THROTTLING = [
  '--disable-background-timer-throttling',
  '--disable-backgrounding-occluded-windows',
  '--disable-renderer-backgrounding',
] as const
