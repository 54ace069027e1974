import { TOKEN_PARAMETER } from './types.ts'

/**
 * Finds the attempt's token: in the page's URL; in the URL with which it was opened, because an application may have
 * rewritten its address before the probe runs; or in sessionStorage, where it is kept for reloads and redirects within the
 * origin. Undefined on an ordinary visit, which stores nothing.
 *
 * Frames ignore a kept token: they share the storage of a top-level page of their origin, and would report as a second
 * page of the same attempt.
 */
export const findToken = (window: Window): string | undefined => {
  const [opened] = window.performance.getEntriesByType('navigation')
  const query = opened?.name.replace(/^[^?#]*.|#.*/g, '')
  let token = new URLSearchParams(`${window.location.search}&${query}`).get(TOKEN_PARAMETER)
  try {
    // Throws where storage is forbidden: opaque origins, blocked site data.
    const storage = window.sessionStorage
    if (token) storage.setItem(TOKEN_PARAMETER, token)
    else if (window.parent === window) token = storage.getItem(TOKEN_PARAMETER)
  } catch {
    // Without storage only the URLs count.
  }
  return token || undefined
}
