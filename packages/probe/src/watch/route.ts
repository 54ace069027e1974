/** The text before and after the first separator; no second text if there is none. */
const cut = (text: string, separator: string): [string, string?] => {
  const at = text.indexOf(separator)
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)]
}

/** One form for all spellings: `%C3%A9`, `é` and `e` with a combining accent are the same. */
const normalize = (text: string): string =>
  text
    .replace(/(%[\da-f]{2})+/gi, (encoded) => {
      try {
        return decodeURIComponent(encoded)
      } catch {
        // Not UTF-8: it is compared as it is.
        return encoded
      }
    })
    .normalize()

/** Whether a text matches a pattern, apart from a trailing slash. */
const matches = (pattern: string, text: string): boolean => {
  const literals = normalize(pattern.replace(/\/$/, '')).replace(/[.+?^${}()|[\]\\]/g, '\\$&')
  return new RegExp(`^${literals.replace(/\*/g, '[^]*')}/?$`).test(normalize(text))
}

/** Whether a path with an optional query matches. The query's parameters may be in any order, among others. */
const isOn = (pattern: string, address: string): boolean => {
  const [path, query] = cut(pattern, '?')
  const [actualPath, actualQuery = ''] = cut(address, '?')
  if (path && !matches(path, actualPath)) return false
  if (!query) return true
  const actual = actualQuery.split('&')
  return query.split('&').every((parameter) => actual.some((one) => matches(parameter, one)))
}

/**
 * Whether the page is on a route: a pattern for the path, for the hash (after `#`), or for both; each may have a query.
 * `*` matches anything. Pattern and address may be percent-encoded or not.
 *
 * Reading the location in every poll makes it unnecessary to patch the page's history.
 */
export const isOnRoute = (
  route: string,
  { pathname, search, hash }: Pick<Location, 'pathname' | 'search' | 'hash'>,
): boolean => {
  const [own, ownHash] = cut(route.trim(), '#')
  return (!own || isOn(own, pathname + search)) && (ownHash === undefined || isOn(ownHash, hash.slice(1)))
}
