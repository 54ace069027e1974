/**
 * Whether the page is on a route: a pattern for the path, or for the hash if it begins with `#`; `*` matches anything.
 * Reading the location in every poll makes it unnecessary to patch the page's history.
 */
export const isOnRoute = (pattern: string, { pathname, hash }: Location): boolean => {
  const parts = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
  return new RegExp(`^${parts.join('.*')}$`).test(pattern.startsWith('#') ? hash : pathname)
}
