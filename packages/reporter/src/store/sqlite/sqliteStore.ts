import type { Kysely } from 'kysely'
import { createGroupCommit } from '../groupCommit.ts'
import type { Database } from '../schema.ts'
import { operationsOf } from '../sqlStore.ts'
import type { Store } from '../store.ts'
import { shrinkSqlite } from './openSqlite.ts'

/** A store in a migrated SQLite database with one writer. */
export const createSqliteStore = (db: Kysely<Database>): Store => {
  const commitInGroup = createGroupCommit(db)
  return {
    ...operationsOf(db),
    prune: async (...args) => {
      const removed = await operationsOf(db).prune(...args)
      if (removed > 0) await shrinkSqlite(db)
      return removed
    },
    transaction: (work) => commitInGroup((trx) => work(operationsOf(trx))),
  }
}
