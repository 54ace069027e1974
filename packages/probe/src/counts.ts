import type { Listen } from './listeners.ts'
import { natives } from './natives.ts'
import { textOf } from './textOf.ts'
import { MAX_ERROR_LENGTH, type Report } from './types.ts'

/** Faults of the document so far. */
export type Counts = Pick<Report, 'errors' | 'failed' | 'firstError'>

/** Counts the faults of a document from now on. */
export const createCounts = (listen: Listen): Counts => {
  const counts: Counts = { errors: 0, failed: 0, firstError: undefined }
  /** The stack begins with the message, and says where. The browser withholds it for a script of another origin. */
  const countError = (thrown: Partial<Error> | null | undefined, message: unknown): void => {
    counts.errors++
    counts.firstError ??= natives.String.slice(
      textOf(() => thrown?.stack || message),
      0,
      MAX_ERROR_LENGTH,
    )
  }
  listen('error', ({ target, error, message }) => {
    // An element is the target if its image, script or style could not be loaded; the window is for script errors.
    if ((target as Element).localName) counts.failed++
    else countError(error, message)
  })
  listen('unhandledrejection', ({ reason }) => countError(reason, reason))
  return counts
}
