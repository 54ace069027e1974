import type { PageExpectation, TagAttributes } from '../probeTypes.ts'
import type { Expectation } from '../types.ts'
import type { Expected } from '../watchTypes.ts'
import { array, natives, string } from './natives.ts'
import { splitSelectors } from './splitSelectors.ts'

/** The list attributes of the tag, and the kind of expectation that each of them lists. */
const KINDS_OF_LISTS = [
  ['expect', 'element'],
  ['media', 'media'],
  ['image', 'image'],
  ['font', 'font'],
  ['test', 'test'],
] as const

/** Parses a comma-separated list of one kind, or JSON if the list begins with `[{`. */
const parseList = (text: string, kind: keyof Expectation): PageExpectation[] => {
  if (string.startsWith(text, '[{')) {
    try {
      return natives.JSON.parse(text)
    } catch {
      // It is reported as an invalid selector.
    }
  }
  return array.map(splitSelectors(text), (value) => ({ [kind]: value }))
}

const parseTag = (tag: TagAttributes): PageExpectation[] => {
  const { text, ready } = tag
  return [
    ...array.flatMap(KINDS_OF_LISTS, ([attribute, kind]) => parseList(tag[attribute] ?? '', kind)),
    ...(text ? [{ text }] : []),
    ...(ready === undefined ? [] : [{ ready: true as const }]),
  ]
}

/** A plain string is a selector. */
const parseAll = (
  list: readonly (string | PageExpectation)[] = [],
  kind: 'element' | 'media',
): PageExpectation[] => array.map(list, (one) => (typeof one === 'string' ? { [kind]: one } : one))

/** The expectations of a page, of its tag, or of a recording. A first file from a cache may pass a list. */
export const expectationsOf = (expected: Expected | readonly PageExpectation[]): PageExpectation[] => {
  const { tag, expect, media }: Expected =
    'length' in expected ? { expect: expected as PageExpectation[] } : expected
  const all = [...(tag ? parseTag(tag) : []), ...parseAll(expect, 'element'), ...parseAll(media, 'media')]
  // Without a prototype: most fields of an expectation may be missing, and the page may have added some to all objects.
  return array.map(all, (one) => ({ __proto__: null, ...one }))
}
