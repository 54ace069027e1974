import { DatabaseSync } from 'node:sqlite'

// A process of its own: takes the database file of its argument for itself, or says why it cannot, until it is killed.

const [file = '', patienceMs = '0'] = process.argv.slice(2)
const database = new DatabaseSync(file, { timeout: Number(patienceMs) })
try {
  database.exec('begin exclusive')
  process.send?.('held')
} catch (error) {
  process.send?.(error instanceof Error ? error.message : String(error))
}
setInterval(() => database.isTransaction, 1000)
