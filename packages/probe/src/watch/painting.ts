/** A page that is painted gives a frame within this time of being asked. */
const PROMPT_MS = 100

/** Tells, when asked at every look, whether the page was being painted at the look before: its frame came promptly. */
export const createPainting = (window: Window): (() => boolean) => {
  let prompt = false
  let frame = 0
  return () => {
    const was = prompt
    prompt = false
    // One at a time: a hidden page keeps them all until it is shown.
    window.cancelAnimationFrame(frame)
    const askedAt = window.performance.now()
    frame = window.requestAnimationFrame(() => {
      prompt = window.performance.now() - askedAt < PROMPT_MS
    })
    return was
  }
}
