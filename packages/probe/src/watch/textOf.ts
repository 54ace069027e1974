import { natives } from './natives.ts'

/**
 * The text of a value that the page has thrown. Reading it may run the page's own code, and not every value has a text.
 *
 * @returns an empty text if reading it throws
 */
export const textOf = (read: () => unknown): string => {
  try {
    return natives.String.type(read())
  } catch {
    return ''
  }
}
