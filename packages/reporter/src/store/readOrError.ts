import { UnreadableRowError } from './errors.ts'

/** For lists: a row that cannot be read does not hide the others. */
export const readOrError = <Row, Value>(read: (row: Row) => Value, row: Row): Value | UnreadableRowError => {
  try {
    return read(row)
  } catch (error) {
    if (error instanceof UnreadableRowError) return error
    throw error
  }
}
