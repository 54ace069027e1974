/** This version cannot read the row. The row is not changed. */
export class UnreadableRowError extends Error {
  constructor(id: string, problem: string) {
    super(`The stored recording ${id} cannot be read: ${problem}. It is left untouched.`)
  }
}

/** Another writer changed the recording since it was loaded: load it and decide again. */
export class VersionConflictError extends Error {
  constructor(id: string) {
    super(`Recording ${id} has changed since it was loaded`)
  }
}
