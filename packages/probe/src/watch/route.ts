import { array, natives, string } from './natives.ts'

/** The text before and after the first separator; no second text if there is none. */
const cut = (text: string, separator: string): [string, string?] => {
  const at = string.indexOf(text, separator)
  return at < 0 ? [text] : [string.slice(text, 0, at), string.slice(text, at + 1)]
}

/** One form for all spellings: `%C3%A9`, `é` and `e` with a combining accent are the same. */
const normalize = (text: string): string =>
  string.normalize(
    string.replace(text, /(%[\da-f]{2})+/gi, (encoded) => {
      try {
        return decodeURIComponent(encoded)
      } catch {
        // Not UTF-8: it is compared as it is.
        return encoded
      }
    }),
  )

/** Whether a text matches a pattern, apart from a trailing slash. */
const matches = (pattern: string, text: string): boolean => {
  const own = normalize(string.replace(pattern, /\/$/, ''))
  const literals = string.replace(own, /[.+?^${}()|[\]\\]/g, '\\$&')
  const expression = new natives.RegExp.type(`^${string.replace(literals, /\*/g, '[^]*')}/?$`)
  return !!natives.RegExp.exec(expression, normalize(text))
}

/** Whether a path with an optional query matches. The query's parameters may be in any order, among others. */
const isOn = (pattern: string, address: string): boolean => {
  const [path, query] = cut(pattern, '?')
  const [actualPath, actualQuery = ''] = cut(address, '?')
  if (path && !matches(path, actualPath)) return false
  if (!query) return true
  const actual = string.split(actualQuery, '&')
  return array.every(string.split(query, '&'), (parameter) =>
    array.some(actual, (one) => matches(parameter, one)),
  )
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
  const [own, ownHash] = cut(string.trim(route), '#')
  return (
    (!own || isOn(own, pathname + search)) && (ownHash === undefined || isOn(ownHash, string.slice(hash, 1)))
  )
}
