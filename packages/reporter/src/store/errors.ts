/** The database cannot be used. The message says why and what to do, and contains no password. */
export class UnusableDatabaseError extends Error {}

/** This version cannot read the row. The row is not changed. */
export class UnreadableRowError extends Error {
  constructor(id: string, problem: string) {
    super(`The stored recording ${id} cannot be read: ${problem}. It is left untouched.`)
  }
}

/** `decide` threw: a defect of this version. Nothing was stored. */
export class DecisionError extends Error {
  constructor(id: string, cause: unknown) {
    super(`The decision on recording ${id} failed: ${cause instanceof Error ? cause.message : cause}`, {
      cause,
    })
  }
}

/** Another writer changed the recording since it was loaded: load it and decide again. */
export class VersionConflictError extends Error {
  constructor(id: string) {
    super(`Recording ${id} has changed since it was loaded`)
  }
}
