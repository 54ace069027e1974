import type { Listen } from './listeners.ts'

/** Faults of the document so far. */
export interface Counts {
  /** Script errors and unhandled rejections. */
  errors: number
  /** Images, media, scripts and styles that could not be loaded. */
  failed: number
}

/** Counts the faults of a document from now on. */
export const createCounts = (listen: Listen): Counts => {
  const counts = { errors: 0, failed: 0 }
  listen('error', ({ target }) => {
    // An element is the target if its image, script or style could not be loaded; the window is for script errors.
    if ((target as Element).localName) counts.failed++
    else counts.errors++
  })
  listen('unhandledrejection', () => {
    counts.errors++
  })
  return counts
}
