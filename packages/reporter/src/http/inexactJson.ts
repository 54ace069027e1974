import type { FieldError } from '../fieldErrors.ts'

/** A request may have thousands of them. */
const MAX_ERRORS = 20

/**
 * What of a JSON text would change if it were parsed, stored and written again: numbers that a double cannot hold, names that
 * occur twice (RFC 8259 leaves open which one counts), and the name `__proto__`, which objects have of their own. What is
 * returned unchanged must not be changed silently. Strings never change: even half of a surrogate pair is escaped in JSON.
 * @param text valid JSON
 * @returns at most 20
 */
export const inexactParts = (text: string): FieldError[] => {
  const errors: FieldError[] = []
  /** The open lists and objects, the outermost first. */
  const open: Container[] = []
  const refuse = (message: string): void => {
    errors.push({ path: open.map(placeIn).join('.'), message })
  }
  for (const [token] of text.matchAll(TOKEN)) {
    const container = open.at(-1)
    const first = token[0] ?? ''
    if (first === '{') open.push({ names: new Set(), name: undefined })
    else if (first === '[') open.push({ index: 0 })
    else if (first === '}' || first === ']') open.pop()
    else if (first === ',') beginNext(container)
    else if (first === '"') {
      const string: string = JSON.parse(token)
      const isName = container !== undefined && 'names' in container && container.name === undefined
      if (isName) container.name = string
      if (!isName) continue
      if (string === '__proto__') refuse('is a name that is not kept')
      if (container.names.has(string)) refuse('occurs twice in its object')
      container.names.add(string)
    } else if (!isExact(token))
      refuse('is a number that a 64-bit float cannot hold exactly: send it as a string')
    if (errors.length >= MAX_ERRORS) break
  }
  return errors
}

/** Strings, numbers, and what structures them. `true`, `false` and `null` never change. */
const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d[\d.eE+-]*|[{}[\],]/g

/** A list and the index of the present element, or an object and the name of the present field. */
type Container = { index: number } | { names: Set<string>; name: string | undefined }

const placeIn = (container: Container): string =>
  'index' in container ? String(container.index) : (container.name ?? '').toWellFormed()

const beginNext = (container: Container | undefined): void => {
  if (container === undefined) return
  if ('index' in container) container.index += 1
  else container.name = undefined
}

/** Whether it is the same number when it has been parsed and written again: `1.50` and `15e-1` are, `-0` is not. */
const isExact = (number: string): boolean => {
  const parsed = Number(number)
  if (!Number.isFinite(parsed) || Object.is(parsed, -0)) return false
  return decimalOf(number) === decimalOf(String(parsed))
}

/** The same text for each way to write a decimal number: its digits without zeros around them, and the power of ten. */
const decimalOf = (number: string): string => {
  const [, sign, whole = '', fraction = '', exponent = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(number) ?? []
  const digits = `${whole}${fraction}`.replace(/^0+/, '')
  const significant = withoutTrailingZeros(digits)
  if (significant === '') return '0'
  return `${sign}${significant}e${Number(exponent) - fraction.length + digits.length - significant.length}`
}

/** A loop, because the time of `/0+$/` grows with the square of the length. */
const withoutTrailingZeros = (digits: string): string => {
  let { length } = digits
  while (digits[length - 1] === '0') length -= 1
  return digits.slice(0, length)
}
