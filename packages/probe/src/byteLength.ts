import { natives } from './natives.ts'

/** Bytes of a text in UTF-8. */
export const byteLength = (text: string): number =>
  natives.TextEncoder.encode(new natives.TextEncoder.type(), text).length
