import { ELEMENT, nameOf, parentOf, shownIn, TEXT, typeOf } from './dom.ts'
import type { MatchCache } from './elements.ts'
import { find, isStillFound } from './find.ts'
import { array, natives, string } from './natives.ts'
import { visibilityFailure } from './visibility.ts'

/** Elements whose text is not shown. */
const UNSHOWN = /^(script|style|template|noscript)$/

/** Stands for an edge of an element: words may be separated by it (a new line) or not (a change of colour). */
const EDGE = '\u200b'

/** Characters that are not shown: soft hyphens, and those without a width. */
const INVISIBLE = /[\u00ad\u200b\u2060\ufeff]/g

const clean = (text: string): string => string.normalize(string.replace(text, INVISIBLE, ''))

/** The text of a part of the page, and which element each piece of it is in. */
export interface Words {
  text: string
  pieces: { end: number; element: Element }[]
}

/** Collects what is shown of an element and its open shadow roots; a line break is a blank. */
export const wordsIn = (element: Element, words: Words = { text: '', pieces: [] }): Words => {
  const name = nameOf(element)
  if (natives.RegExp.exec(UNSHOWN, name)) return words
  words.text += name === 'br' ? ' ' : EDGE
  for (const node of shownIn(element)) {
    const type = typeOf(node)
    if (type === ELEMENT) wordsIn(node as Element, words)
    if (type !== TEXT) continue
    words.text += clean((node as Text).data)
    words.pieces[words.pieces.length] = { end: words.text.length, element }
  }
  words.text += EDGE
  return words
}

/** Matches the text, whatever separates its words and wherever elements begin and end inside it. */
const patternOf = (text: string): RegExp => {
  const literal = (char: string) => string.replace(char, /[.*+?^${}()|[\]\\]/, '\\$&')
  const word = (letters: string) => array.join(array.map([...letters], literal), `${EDGE}*`)
  const words = array.filter(string.split(clean(text), /\s+/), (one) => one)
  return new natives.RegExp.type(array.join(array.map(words, word), `[\\s${EDGE}]+`), 'g')
}

/** The innermost elements that contain the text. */
const holdersIn = (place: Element, pattern: RegExp): Element[] => {
  const { text, pieces } = wordsIn(place)
  const holders: Element[] = []
  let next = 0
  let found = natives.RegExp.exec(pattern, text)
  while (found?.[0]) {
    const { index } = found
    while ((pieces[next]?.end ?? index + 1) <= index) next++
    let holder: Element | null = pieces[next]?.element ?? place
    while (holder && string.search(wordsIn(holder).text, pattern) < 0) holder = parentOf(holder)
    if (holder) holders[holders.length] = holder
    found = natives.RegExp.exec(pattern, text)
  }
  return holders
}

/** Whether an element, or one in which it is shown, passes a test. */
const isIn = (element: Element, test: (one: Element) => boolean): boolean => {
  for (let one: Element | null = element; one; one = parentOf(one)) if (test(one)) return true
  return false
}

/** Explains why a text is not visible in what the selector matches; undefined if it is. */
export const textFailure = (
  expected: string,
  selector: string,
  root: ParentNode,
  cache: MatchCache,
): string | undefined => {
  const pattern = patternOf(expected)
  const [last] = cache.passing
  const isInPlace = (element: Element) => isIn(element, (one) => isStillFound(one, selector))
  if (last && isInPlace(last) && string.search(wordsIn(last).text, pattern) >= 0 && !visibilityFailure(last))
    return
  const places = find(selector, root)
  if (typeof places === 'string') return `${selector}: ${places}`
  let failure: string | undefined
  for (const place of places) {
    for (const holder of holdersIn(place, pattern)) {
      const why = visibilityFailure(holder)
      if (!why) {
        cache.passing = [holder]
        return
      }
      failure ??= why
    }
  }
  cache.passing = []
  return failure ?? 'is not there'
}
