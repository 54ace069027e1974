import type { Listen } from './listeners.ts'
import type { Report } from './types.ts'

/** What goes on in the document, counted for the reports. */
export interface Counts {
  /** Asks for an animation frame: one at a time, so that counting costs nothing. */
  askFrame(): void
  /** The counts for a report; frames begin at 0 again. */
  take(): Pick<Report, 'errors' | 'failed' | 'frames'>
}

export const createCounts = (window: Window, listen: Listen): Counts => {
  let errors = 0
  let failed = 0
  let frames = 0
  let asked = false
  listen('error', ({ target }) => {
    // Of an element: its picture, script or style could not be loaded.
    if ((target as Element).localName) failed++
    else errors++
  })
  listen('unhandledrejection', () => {
    errors++
  })
  return {
    askFrame() {
      if (asked) return
      asked = true
      window.requestAnimationFrame(() => {
        frames++
        asked = false
      })
    },
    take() {
      const taken = { errors, failed, frames }
      frames = 0
      return taken
    },
  }
}
