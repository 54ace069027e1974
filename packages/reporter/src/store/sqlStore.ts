import type { Kysely } from 'kysely'
import { readBeats, saveBeats } from './beats.ts'
import { addEffects, claimEffects, releaseClaims, returnEffect, settleEffect } from './effects.ts'
import { createGroupCommit } from './groupCommit.ts'
import { rememberNotification } from './notifications.ts'
import {
  dueRecordings,
  findAttempt,
  insertRecording,
  listRecordings,
  liveRecordings,
  loadRecording,
  saveRecording,
} from './recordings.ts'
import type { Database } from './schema.ts'
import type { Store, Verbs } from './store.ts'
import { readTick, writeTick } from './ticks.ts'
import { appendTimeline, readTimeline } from './timeline.ts'

/** The store in a migrated SQL database that has one writer. */
export const createSqlStore = (db: Kysely<Database>): Store => {
  const inGroup = createGroupCommit(db)
  return {
    ...verbsOf(db),
    transaction: (work) => inGroup((trx) => work(verbsOf(trx))),
  }
}

const verbsOf = (db: Kysely<Database>): Verbs => ({
  insertRecording: (...rest) => atomic(db, (each) => insertRecording(each, ...rest)),
  loadRecording: (...rest) => loadRecording(db, ...rest),
  saveRecording: (...rest) => atomic(db, (each) => saveRecording(each, ...rest)),
  dueRecordings: (...rest) => dueRecordings(db, ...rest),
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
  readTick: () => readTick(db),
  writeTick: (...rest) => writeTick(db, ...rest),
})

/** For verbs of more than one statement. */
const atomic = <T>(db: Kysely<Database>, work: (db: Kysely<Database>) => Promise<T>): Promise<T> =>
  db.isTransaction ? work(db) : db.transaction().execute(work)
