import type { MatchCache } from './elements.ts'

const familyOf = (face: FontFace): string => face.family.replace(/^(["'])(.*)\1$/, '$2').toLowerCase()

/**
 * Explains why a font is not loaded; undefined if a face of that family is. Only the faces themselves show it:
 * `fonts.check` is true for fonts that do not exist (https://developer.mozilla.org/docs/Web/API/FontFaceSet/check), and
 * `fonts.ready` resolves although a face has failed. A face that nothing uses yet is loaded here.
 */
export const fontFailure = (family: string, { fonts }: Document, cache: MatchCache): string | undefined => {
  const { face } = cache
  if (face?.status === 'loaded' && fonts.has(face)) return
  const faces: FontFace[] = []
  fonts.forEach((face) => {
    if (familyOf(face) === family.toLowerCase()) faces.push(face)
  })
  if (!faces.length) return 'is not declared'
  const withStatus = (status: FontFaceLoadStatus) => faces.filter((face) => face.status === status)
  cache.face = withStatus('loaded')[0]
  if (cache.face) return
  // A rejection must not count as an unhandled one of the page.
  for (const face of withStatus('unloaded')) face.load().catch(() => {})
  return withStatus('loading').length ? 'is being loaded' : 'could not be loaded'
}
