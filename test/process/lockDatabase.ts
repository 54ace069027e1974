import { DatabaseSync } from 'node:sqlite'

// A process of its own that locks a database file until it is killed. It sends its parent `locked`, or the error.
// Arguments: the file, and how long to wait for the lock, in milliseconds.

const [file = '', timeoutMs = '0'] = process.argv.slice(2)
const database = new DatabaseSync(file, { timeout: Number(timeoutMs) })
try {
  database.exec('begin exclusive')
  process.send?.('locked')
} catch (error) {
  process.send?.(error instanceof Error ? error.message : String(error))
}
setInterval(() => database.isTransaction, 1000)
