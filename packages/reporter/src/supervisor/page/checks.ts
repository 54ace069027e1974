import type { FailedCheck } from '../recording.ts'

/** For a person: `#board (missing), video.teacher (frozen)`. */
export const describeChecks = (checks: readonly FailedCheck[]): string =>
  checks.map(({ name, detail }) => (detail ? `${name} (${detail})` : name)).join(', ')

/** Identifies a set of checks. Details are left out: they hold numbers that change with every report. */
export const namesOf = (checks: readonly FailedCheck[]): string =>
  checks
    .map(({ name }) => name)
    .sort()
    .join('\n')
