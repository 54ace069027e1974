import type { Kysely } from 'kysely'
import { findApiKey, insertApiKey, markApiKeyUsed, readApiKeys, revokeApiKey } from './apiKeys.ts'
import { loadSettledAttempt, readSettledAttempts, saveSettledAttempts } from './attempts.ts'
import {
  addDeliveries,
  expireDeliveries,
  failedDeliveries,
  listDeliveries,
  loadDelivery,
  oldestQueuedAt,
  readBacklog,
  requeueDeliveries,
} from './deliveries.ts'
import { claimDeliveries, hastenDeliveries, releaseDeliveryClaims, settleDelivery } from './deliveryQueues.ts'
import { forgetCauses, holdCause, readDestinations, releaseCause, saveDestination } from './destinations.ts'
import { addDowntime, readDowntimes } from './downtimes.ts'
import { addEffects, claimEffects, completeEffect, releaseClaims, releaseEffect } from './effects.ts'
import { addHourlyStatistics, readHourlyStatistics } from './hourlyStatistics.ts'
import { insertIdempotencyKey, loadIdempotencyKey } from './idempotencyKeys.ts'
import {
  addJob,
  endJob,
  failedItems,
  listJobs,
  loadJob,
  pendingItems,
  runningJobs,
  settleJobItem,
} from './jobs.ts'
import { saveLastHeartbeats } from './lastHeartbeats.ts'
import { rememberNotification } from './notifications.ts'
import { prune } from './prune.ts'
import {
  countRecordings,
  dueRecordings,
  insertRecording,
  listRecordings,
  liveRecordings,
  loadRecording,
  loadRecordings,
  pushBackDueTimes,
  saveRecording,
  saveRequest,
} from './recordings.ts'
import type { Database } from './schema.ts'
import type { StoreOperations } from './store.ts'
import { summarizeRecordings } from './summary.ts'
import { findAttempt, liveRecordingsIn, recordingsWithoutSid, takenUids } from './taskNames.ts'
import { readTick, writeTick } from './ticks.ts'
import { appendTimeline, readTimeline, readTimelineEvents, timelineRange } from './timeline.ts'

/** All operations on a migrated database, or in one of its transactions, in SQL that every dialect understands. */
export const operationsOf = (db: Kysely<Database>): StoreOperations => ({
  insertRecording: (...args) => atomic(db, (trx) => insertRecording(trx, ...args)),
  loadRecording: (...args) => loadRecording(db, ...args),
  saveRecording: (...args) => atomic(db, (trx) => saveRecording(trx, ...args)),
  saveRequest: (...args) => saveRequest(db, ...args),
  loadRecordings: (...args) => loadRecordings(db, ...args),
  dueRecordings: (...args) => dueRecordings(db, ...args),
  pushBackDueTimes: (...args) => pushBackDueTimes(db, ...args),
  liveRecordings: () => liveRecordings(db),
  countRecordings: () => countRecordings(db),
  listRecordings: (...args) => listRecordings(db, ...args),
  summarizeRecordings: () => summarizeRecordings(db),
  findAttempt: (...args) => findAttempt(db, ...args),
  recordingsWithoutSid: (...args) => recordingsWithoutSid(db, ...args),
  liveRecordingsIn: (...args) => liveRecordingsIn(db, ...args),
  takenUids: (...args) => takenUids(db, ...args),
  saveSettledAttempts: (...args) => atomic(db, (trx) => saveSettledAttempts(trx, ...args)),
  loadSettledAttempt: (...args) => loadSettledAttempt(db, ...args),
  readSettledAttempts: (...args) => readSettledAttempts(db, ...args),
  appendTimeline: (...args) => appendTimeline(db, ...args),
  readTimeline: (...args) => readTimeline(db, ...args),
  readTimelineEvents: (...args) => readTimelineEvents(db, ...args),
  timelineRange: () => timelineRange(db),
  addEffects: (...args) => addEffects(db, ...args),
  claimEffects: (...args) => claimEffects(db, ...args),
  completeEffect: (...args) => completeEffect(db, ...args),
  releaseEffect: (...args) => releaseEffect(db, ...args),
  releaseClaims: () => releaseClaims(db),
  addDeliveries: (...args) => atomic(db, (trx) => addDeliveries(trx, ...args)),
  claimDeliveries: (...args) => atomic(db, (trx) => claimDeliveries(trx, ...args)),
  settleDelivery: (...args) => atomic(db, (trx) => settleDelivery(trx, ...args)),
  expireDeliveries: (...args) => expireDeliveries(db, ...args),
  releaseDeliveryClaims: () => releaseDeliveryClaims(db),
  hastenDeliveries: (...args) => hastenDeliveries(db, ...args),
  listDeliveries: (...args) => listDeliveries(db, ...args),
  oldestQueuedAt: (...args) => oldestQueuedAt(db, ...args),
  loadDelivery: (...args) => loadDelivery(db, ...args),
  requeueDeliveries: (...args) => atomic(db, (trx) => requeueDeliveries(trx, ...args)),
  failedDeliveries: (...args) => failedDeliveries(db, ...args),
  readBacklog: () => readBacklog(db),
  readDestinations: () => readDestinations(db),
  saveDestination: (...args) => saveDestination(db, ...args),
  holdCause: (...args) => atomic(db, (trx) => holdCause(trx, ...args)),
  releaseCause: (...args) => atomic(db, (trx) => releaseCause(trx, ...args)),
  forgetCauses: (...args) => forgetCauses(db, ...args),
  rememberNotification: (...args) => rememberNotification(db, ...args),
  insertApiKey: (...args) => insertApiKey(db, ...args),
  findApiKey: (...args) => findApiKey(db, ...args),
  readApiKeys: () => readApiKeys(db),
  revokeApiKey: (...args) => revokeApiKey(db, ...args),
  markApiKeyUsed: (...args) => markApiKeyUsed(db, ...args),
  insertIdempotencyKey: (...args) => atomic(db, (trx) => insertIdempotencyKey(trx, ...args)),
  loadIdempotencyKey: (...args) => loadIdempotencyKey(db, ...args),
  saveLastHeartbeats: (...args) => saveLastHeartbeats(db, ...args),
  addHourlyStatistics: (...args) => atomic(db, (trx) => addHourlyStatistics(trx, ...args)),
  readHourlyStatistics: (...args) => readHourlyStatistics(db, ...args),
  readDowntimes: () => readDowntimes(db),
  addDowntime: (...args) => atomic(db, (trx) => addDowntime(trx, ...args)),
  readTick: () => readTick(db),
  writeTick: (...args) => writeTick(db, ...args),
  addJob: (...args) => atomic(db, (trx) => addJob(trx, ...args)),
  loadJob: (...args) => loadJob(db, ...args),
  listJobs: (...args) => listJobs(db, ...args),
  runningJobs: () => runningJobs(db),
  pendingItems: (...args) => pendingItems(db, ...args),
  settleJobItem: (...args) => atomic(db, (trx) => settleJobItem(trx, ...args)),
  failedItems: (...args) => failedItems(db, ...args),
  endJob: (...args) => endJob(db, ...args),
  prune: (...args) => atomic(db, (trx) => prune(trx, ...args)),
})

/** For operations of several statements. */
const atomic = <T>(db: Kysely<Database>, work: (db: Kysely<Database>) => Promise<T>): Promise<T> =>
  db.isTransaction ? work(db) : db.transaction().execute(work)
