/**
 * Whether the document is where an expectation is bound to: the pattern is that of the path, or of the hash when it
 * begins with `#`; `*` stands for anything. The location is asked at every look, so that the page's history is left
 * alone.
 */
export const isOnRoute = (pattern: string, { pathname, hash }: Location): boolean => {
  const parts = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
  return new RegExp(`^${parts.join('.*')}$`).test(pattern.startsWith('#') ? hash : pathname)
}
