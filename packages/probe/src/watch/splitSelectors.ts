import { array, string } from './natives.ts'

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
    const char = list[i] ?? ''
    if (char === ',' && !depth && !quote) {
      array.push(parts, string.slice(list, start, i))
      start = i + 1
    } else if (char === '\\') i++
    else if (quote) quote = char === quote ? '' : quote
    else if (char === '"' || char === "'") quote = char
    else if (string.includes(OPENING, char)) depth++
    else if (string.includes(CLOSING, char)) depth--
  }
  array.push(parts, string.slice(list, start))
  return array.filter(
    array.map(parts, (part) => string.trim(part)),
    (part) => part,
  )
}
