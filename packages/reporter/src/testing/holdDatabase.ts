import { openSqlite } from '../store/sqlite/openSqlite.ts'

/** Runs as a process: opens the database file given as its argument, and holds it until it is killed. */
const db = openSqlite(process.argv[2] ?? '')
process.send?.('open')
// The reference keeps the database from being garbage-collected, which would release the file.
setInterval(() => db.isTransaction, 1000)
