import type { Listen } from './listeners.ts'

/** What went wrong in the document so far, in numbers. */
export interface Counts {
  errors: number
  failed: number
}

export const createCounts = (listen: Listen): Counts => {
  const counts = { errors: 0, failed: 0 }
  listen('error', ({ target }) => {
    // Of an element: its picture, script or style could not be loaded.
    if ((target as Element).localName) counts.failed++
    else counts.errors++
  })
  listen('unhandledrejection', () => {
    counts.errors++
  })
  return counts
}
