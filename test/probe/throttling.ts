/** Flags that Playwright adds by default against the throttling of hidden pages; without them Chromium throttles as usual. */
export const NO_THROTTLING_FLAGS = [
  '--disable-background-timer-throttling',
  '--disable-backgrounding-occluded-windows',
  '--disable-renderer-backgrounding',
] as const
