import { TOKEN_PARAMETER } from './types.ts'

/**
 * The attempt's token: from the page's URL, or kept in sessionStorage from before a reload or a redirect
 * inside the same origin. Without one the page is an ordinary visit, and nothing is stored.
 *
 * Frames do not take a kept token: they share the storage of a top page of their origin, and would report
 * beside it as another page of the same attempt.
 */
export const findToken = (window: Window): string | undefined => {
  const given = new URLSearchParams(window.location.search).get(TOKEN_PARAMETER)
  try {
    // Throws where storage is forbidden: opaque origins, blocked site data.
    const storage = window.sessionStorage
    if (given) storage.setItem(TOKEN_PARAMETER, given)
    else if (window.parent === window) return storage.getItem(TOKEN_PARAMETER) || undefined
  } catch {
    // Then only the URL counts.
  }
  return given || undefined
}
