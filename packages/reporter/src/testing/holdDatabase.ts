import { openSqlite } from '../store/sqlite.ts'

/** Started as a process of its own: opens the database file of its argument and holds it until it is killed. */
const db = openSqlite(process.argv[2] ?? '')
process.send?.('open')
// A database that nobody refers to is collected, and its file is free.
setInterval(() => db.isTransaction, 1000)
