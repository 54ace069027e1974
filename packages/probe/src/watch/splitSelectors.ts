const OPENING = '([{'
const CLOSING = ')]}'

/**
 * Splits a comma-separated list of selectors, as in `data-expect`. Commas inside brackets or strings and after a
 * backslash belong to a selector.
 *
 * @example
 * splitSelectors('#board, :is(video, canvas)') // ['#board', ':is(video, canvas)']
 */
export const splitSelectors = (list: string): string[] => {
  const parts: string[] = []
  let depth = 0
  let quote = ''
  let start = 0
  for (let i = 0; i < list.length; i++) {
    const char = list.charAt(i)
    if (char === ',' && !depth && !quote) {
      parts.push(list.slice(start, i))
      start = i + 1
    } else if (char === '\\') i++
    else if (quote) quote = char === quote ? '' : quote
    else if (char === '"' || char === "'") quote = char
    else if (OPENING.includes(char)) depth++
    else if (CLOSING.includes(char)) depth--
  }
  parts.push(list.slice(start))
  return parts.map((part) => part.trim()).filter(Boolean)
}
