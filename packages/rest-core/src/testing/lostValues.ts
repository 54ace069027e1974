/** The scalars of a raw value that are nowhere in what was read from it, as themselves or converted. */
export const lostValues = (raw: unknown, read: unknown): unknown[] => {
  const kept = new Set(scalarsOf(read))
  return scalarsOf(raw).filter((value) => !conversions(value).some((each) => kept.has(each)))
}

/** An empty file list is no file; text may become a number or the other way round; seconds may become milliseconds. */
const conversions = (value: unknown): unknown[] => [value, String(value), Number(value), Number(value) * 1000]

const scalarsOf = (value: unknown): unknown[] => {
  if (typeof value !== 'object' || value === null) return value === undefined || value === '' ? [] : [value]
  return Object.values(value).flatMap(scalarsOf)
}
