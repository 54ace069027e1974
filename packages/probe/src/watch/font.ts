import { queryAll } from './dom.ts'
import type { MatchCache } from './elements.ts'
import { array, natives, string } from './natives.ts'
import { wordsIn } from './text.ts'

const lowerCase = (text: string): string => string.toLowerCase(text)

const familyOf = (face: FontFace): string => lowerCase(string.replace(face.family, /^(["'])(.*)\1$/, '$2'))

/** Characters of the page's text that decide which of a family's faces are needed. */
const MAX_TEXT_LENGTH = 1000

/**
 * Loads what the page's text needs of a family that nothing uses yet, as the browser would. A family may consist of a
 * hundred files, each for a range of characters (`unicode-range`).
 */
const loadNeeded = (family: string, faces: readonly FontFace[], root: Document): void => {
  const [body] = queryAll(root, 'body')
  const text = body
    ? string.slice(string.replace(wordsIn(body).text, /[\s\u200b]+/g, ''), 0, MAX_TEXT_LENGTH)
    : ''
  // A rejection must not count as an unhandled one of the page.
  root.fonts.load(`1em ${natives.JSON.stringify(family)}`, text || 'A').catch(() => {})
  if (array.every(faces, ({ status }) => status === 'unloaded')) faces[0]?.load().catch(() => {})
}

/**
 * Explains why a font is not loaded; undefined if a face of that family is. Only the faces themselves show it:
 * `fonts.check` is true for fonts that do not exist (https://developer.mozilla.org/docs/Web/API/FontFaceSet/check), and
 * `fonts.ready` resolves although a face has failed. A family that nothing uses yet is loaded here.
 */
export const fontFailure = (family: string, root: Document, cache: MatchCache): string | undefined => {
  const { fonts } = root
  const { face } = cache
  if (face?.status === 'loaded' && fonts.has(face)) return
  const faces: FontFace[] = []
  fonts.forEach((face) => {
    if (familyOf(face) === lowerCase(family)) array.push(faces, face)
  })
  if (!faces.length) return 'is not declared'
  const withStatus = (status: FontFaceLoadStatus) => array.filter(faces, (face) => face.status === status)
  cache.face = withStatus('loaded')[0]
  if (cache.face) return
  if (!withStatus('loading').length) loadNeeded(family, faces, root)
  return withStatus('loading').length ? 'is being loaded' : 'could not be loaded'
}
