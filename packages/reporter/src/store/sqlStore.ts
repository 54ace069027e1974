import type { Kysely } from 'kysely'
import { addEffects, claimEffects, completeEffect, releaseClaims, releaseEffect } from './effects.ts'
import { createGroupCommit } from './groupCommit.ts'
import { addHourlyStatistics, readHourlyStatistics } from './hourlyStatistics.ts'
import { readLastHeartbeats, saveLastHeartbeats } from './lastHeartbeats.ts'
import { rememberNotification } from './notifications.ts'
import { prune } from './prune.ts'
import {
  dueRecordings,
  findAttempt,
  insertRecording,
  listRecordings,
  liveRecordings,
  loadRecording,
  pushBackDueTimes,
  saveRecording,
} from './recordings.ts'
import type { Database } from './schema.ts'
import { shrinkSqlite } from './sqlite.ts'
import type { Store, StoreOperations } from './store.ts'
import { readTick, writeTick } from './ticks.ts'
import { appendTimeline, readTimeline } from './timeline.ts'

/** The store in a migrated SQLite database, which has one writer. */
export const createSqlStore = (db: Kysely<Database>): Store => {
  const inGroup = createGroupCommit(db)
  return {
    ...operationsOf(db),
    prune: async (...rest) => {
      const removed = await operationsOf(db).prune(...rest)
      if (removed > 0) await shrinkSqlite(db)
      return removed
    },
    transaction: (work) => inGroup((trx) => work(operationsOf(trx))),
  }
}

const operationsOf = (db: Kysely<Database>): StoreOperations => ({
  insertRecording: (...rest) => atomic(db, (each) => insertRecording(each, ...rest)),
  loadRecording: (...rest) => loadRecording(db, ...rest),
  saveRecording: (...rest) => atomic(db, (each) => saveRecording(each, ...rest)),
  dueRecordings: (...rest) => dueRecordings(db, ...rest),
  pushBackDueTimes: (...rest) => pushBackDueTimes(db, ...rest),
  liveRecordings: () => liveRecordings(db),
  listRecordings: (...rest) => listRecordings(db, ...rest),
  findAttempt: (...rest) => findAttempt(db, ...rest),
  appendTimeline: (...rest) => appendTimeline(db, ...rest),
  readTimeline: (...rest) => readTimeline(db, ...rest),
  addEffects: (...rest) => addEffects(db, ...rest),
  claimEffects: (...rest) => claimEffects(db, ...rest),
  completeEffect: (...rest) => completeEffect(db, ...rest),
  releaseEffect: (...rest) => releaseEffect(db, ...rest),
  releaseClaims: () => releaseClaims(db),
  rememberNotification: (...rest) => rememberNotification(db, ...rest),
  saveLastHeartbeats: (...rest) => saveLastHeartbeats(db, ...rest),
  readLastHeartbeats: () => readLastHeartbeats(db),
  addHourlyStatistics: (...rest) => atomic(db, (each) => addHourlyStatistics(each, ...rest)),
  readHourlyStatistics: (...rest) => readHourlyStatistics(db, ...rest),
  readTick: () => readTick(db),
  writeTick: (...rest) => writeTick(db, ...rest),
  prune: (...rest) => atomic(db, (each) => prune(each, ...rest)),
})

/** For verbs of more than one statement. */
const atomic = <T>(db: Kysely<Database>, work: (db: Kysely<Database>) => Promise<T>): Promise<T> =>
  db.isTransaction ? work(db) : db.transaction().execute(work)
