import { VARIABLES } from './configSchema.ts'
import { ANY_CASE, type Environment, FROM_FILE } from './environment.ts'

/** A variable that looks like one of the reporter's and is none. */
export interface UnknownVariable {
  name: string
  /** The known name that is probably meant. */
  meant?: string
}

const KNOWN: readonly string[] = [
  ...VARIABLES,
  ...ANY_CASE.map((name) => name.toLowerCase()),
  ...FROM_FILE.map((name) => `${name}_FILE`),
]
const PREFIX = /^(STILLROLLING|AGORA|CANARY|DELIVERIES)_/
/** Shorter names resemble those of other programs. */
const MIN_LENGTH = 8
const MAX_TYPOS = 2

/** Names the variables that are set, look like the reporter's, and are not read. */
export const unknownVariables = (environment: Environment): UnknownVariable[] =>
  Object.entries(environment).flatMap(([name, value]) => {
    if (!value?.trim() || KNOWN.includes(name)) return []
    const meant = nearestTo(name)
    return PREFIX.test(name.toUpperCase()) || meant !== undefined ? [{ name, meant }] : []
  })

/** "STILLROLLING_API_KEY is set and not read: is STILLROLLING_API_KEYS meant?" */
export const describeUnknown = ({ name, meant }: UnknownVariable): string =>
  meant === undefined
    ? `${name} is set, and the reporter does not read it`
    : `${name} is set and not read: is ${meant} meant?`

const nearestTo = (name: string): string | undefined => {
  const written = name.toUpperCase().replaceAll('-', '_')
  // Some expect a prefix, or that every variable may be in a file.
  const exact = [written, written.replace(/^STILLROLLING_/, ''), written.replace(/_FILE$/, '')]
  const found = KNOWN.find((known) => exact.includes(known))
  if (found !== undefined || written.length < MIN_LENGTH) return found
  const [nearest] = KNOWN.map((known) => ({ known, typos: typosBetween(written, known) })).toSorted(
    (a, b) => a.typos - b.typos,
  )
  return nearest && nearest.typos <= MAX_TYPOS ? nearest.known : undefined
}

/** The Levenshtein distance: letters to insert, remove or replace. */
const typosBetween = (a: string, b: string): number => {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1]
    for (const [j, other] of [...b].entries()) {
      const replaced = (row[j] ?? 0) + (letter === other ? 0 : 1)
      next.push(Math.min(replaced, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1))
    }
    row = next
  }
  return row[b.length] ?? 0
}
