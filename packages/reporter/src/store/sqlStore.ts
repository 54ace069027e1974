import type { Kysely } from 'kysely'
import { readBeats, saveBeats } from './beats.ts'
import { addEffects, claimEffects, releaseClaims, returnEffect, settleEffect } from './effects.ts'
import { createGroupCommit } from './groupCommit.ts'
import { rememberNotification } from './notifications.ts'
import { prune } from './prune.ts'
import {
  dueRecordings,
  findAttempt,
  insertRecording,
  listRecordings,
  liveRecordings,
  loadRecording,
  postponeRecordings,
  saveRecording,
} from './recordings.ts'
import { addRollUps, readRollUps } from './rollUps.ts'
import type { Database } from './schema.ts'
import { shrinkSqlite } from './sqlite.ts'
import type { Store, Verbs } from './store.ts'
import { readTick, writeTick } from './ticks.ts'
import { appendTimeline, readTimeline } from './timeline.ts'

/** The store in a migrated SQLite database, which has one writer. */
export const createSqlStore = (db: Kysely<Database>): Store => {
  const inGroup = createGroupCommit(db)
  return {
    ...verbsOf(db),
    prune: async (...rest) => {
      const removed = await verbsOf(db).prune(...rest)
      if (removed > 0) await shrinkSqlite(db)
      return removed
    },
    transaction: (work) => inGroup((trx) => work(verbsOf(trx))),
  }
}

const verbsOf = (db: Kysely<Database>): Verbs => ({
  insertRecording: (...rest) => atomic(db, (each) => insertRecording(each, ...rest)),
  loadRecording: (...rest) => loadRecording(db, ...rest),
  saveRecording: (...rest) => atomic(db, (each) => saveRecording(each, ...rest)),
  dueRecordings: (...rest) => dueRecordings(db, ...rest),
  postponeRecordings: (...rest) => postponeRecordings(db, ...rest),
  liveRecordings: () => liveRecordings(db),
  listRecordings: (...rest) => listRecordings(db, ...rest),
  findAttempt: (...rest) => findAttempt(db, ...rest),
  appendTimeline: (...rest) => appendTimeline(db, ...rest),
  readTimeline: (...rest) => readTimeline(db, ...rest),
  addEffects: (...rest) => addEffects(db, ...rest),
  claimEffects: (...rest) => claimEffects(db, ...rest),
  settleEffect: (...rest) => settleEffect(db, ...rest),
  returnEffect: (...rest) => returnEffect(db, ...rest),
  releaseClaims: () => releaseClaims(db),
  rememberNotification: (...rest) => rememberNotification(db, ...rest),
  saveBeats: (...rest) => saveBeats(db, ...rest),
  readBeats: () => readBeats(db),
  addRollUps: (...rest) => atomic(db, (each) => addRollUps(each, ...rest)),
  readRollUps: (...rest) => readRollUps(db, ...rest),
  readTick: () => readTick(db),
  writeTick: (...rest) => writeTick(db, ...rest),
  prune: (...rest) => atomic(db, (each) => prune(each, ...rest)),
})

/** For verbs of more than one statement. */
const atomic = <T>(db: Kysely<Database>, work: (db: Kysely<Database>) => Promise<T>): Promise<T> =>
  db.isTransaction ? work(db) : db.transaction().execute(work)
