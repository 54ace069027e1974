import type { Seen } from './elements.ts'

const familyOf = (face: FontFace): string => face.family.replace(/^(["'])(.*)\1$/, '$2').toLowerCase()

/**
 * Why a font is not there; undefined when a face of that family has been loaded. `fonts.check` says true of fonts that
 * nobody has, and `fonts.ready` resolves with failed ones: only the faces themselves tell. A font that nothing uses yet
 * is asked for.
 */
export const whyNoFont = (family: string, { fonts }: Document, seen: Seen): string | undefined => {
  const { face } = seen
  if (face?.status === 'loaded' && fonts.has(face)) return
  const faces: FontFace[] = []
  fonts.forEach((face) => {
    if (familyOf(face) === family.toLowerCase()) faces.push(face)
  })
  if (!faces.length) return 'is not declared'
  const is = (status: FontFaceLoadStatus) => faces.filter((face) => face.status === status)
  seen.face = is('loaded')[0]
  if (seen.face) return
  // The face's own promise tells the page too: it must not go unhandled here.
  for (const face of is('unloaded')) face.load().catch(() => {})
  return is('loading').length ? 'is being loaded' : 'could not be loaded'
}
