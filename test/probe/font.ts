/** Big-endian fields: `u2(1, 2)` are two of 16 bits. */
const u2 = (...values: number[]): number[] => values.flatMap((value) => [(value >> 8) & 255, value & 255])
const u4 = (...values: number[]): number[] => values.flatMap((value) => u2(value >>> 16, value))
const nothing = (bytes: number): number[] => new Array<number>(bytes).fill(0)

/** The tables that browsers require (OpenType 1.9), sorted by tag: one empty glyph. */
const TABLES: [tag: string, bytes: number[]][] = [
  ['OS/2', [...u2(0, 500, 400, 5, 0), ...nothing(68)]],
  // One subtable (Windows, Unicode, format 4) with only the last segment, which is required.
  ['cmap', [...u2(0, 1, 3, 1), ...u4(12), ...u2(4, 24, 0, 2, 2, 0, 0, 0xffff, 0, 0xffff, 1, 0)]],
  ['glyf', [0]],
  ['head', [...u4(0x10000, 0x10000, 0, 0x5f0f3cf5), ...u2(0, 1000), ...nothing(24), ...u2(0, 8, 2, 0, 0)]],
  ['hhea', [...u4(0x10000), ...u2(800, 0x10000 - 200, 0, 500), ...nothing(22), ...u2(1)]],
  ['hmtx', u2(500, 0)],
  ['loca', u2(0, 0)],
  ['maxp', [...u4(0x10000), ...u2(1, 0, 0, 0, 0, 1), ...nothing(16)]],
  ['name', u2(0, 0, 6)],
  ['post', [...u4(0x30000), ...nothing(28)]],
]

/** A minimal TrueType font as a data URL. */
export const fontUrl = (): string => {
  const directory: number[] = [...u4(0x10000), ...u2(TABLES.length, 128, 3, TABLES.length * 16 - 128)]
  const data: number[] = []
  for (const [tag, bytes] of TABLES) {
    const offset = 12 + TABLES.length * 16 + data.length
    // Without checksums: browsers recompute them.
    directory.push(...Buffer.from(tag), ...u4(0, offset, bytes.length))
    data.push(...bytes, ...nothing(-bytes.length & 3))
  }
  return `data:font/ttf;base64,${Buffer.from([...directory, ...data]).toString('base64')}`
}
