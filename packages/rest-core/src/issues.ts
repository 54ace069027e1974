import type { z } from 'zod'

/** One invalid field. It does not contain the field's value, which may be a secret. */
export interface Issue {
  /** Dotted path within the value that was checked, e.g. `clientRequest.storageConfig.fileNamePrefix.0`. */
  path: string
  message: string
}

/** Converts zod's issues to ours, one per field; an unknown field is one too. */
export const issuesOf = (
  error: z.ZodError,
  unknownField = 'is not a field of this call (names are case-sensitive)',
): Issue[] =>
  error.issues.flatMap((issue) => {
    const path = issue.path.join('.')
    if (issue.code !== 'unrecognized_keys') return [{ path, message: issue.message }]
    return issue.keys.map((key) => ({
      path: path === '' ? key : `${path}.${key}`,
      message: unknownField,
    }))
  })

/** Puts all issues on one line, for an error's message. */
export const describeIssues = (issues: readonly Issue[]): string =>
  issues.map(({ path, message }) => `${path === '' ? 'value' : path}: ${message}`).join('; ')
