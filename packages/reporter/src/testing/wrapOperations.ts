import type { StoreOperations } from '../store/store.ts'

/** Something to be done around each verb, which `job` does. */
export type WrapOperation = <T>(verb: keyof StoreOperations, job: () => Promise<T>) => Promise<T>

/** The same verbs, with something done around each. */
export const wrapOperations = (verbs: StoreOperations, around: WrapOperation): StoreOperations => ({
  insertRecording: (...rest) => around('insertRecording', () => verbs.insertRecording(...rest)),
  loadRecording: (...rest) => around('loadRecording', () => verbs.loadRecording(...rest)),
  saveRecording: (...rest) => around('saveRecording', () => verbs.saveRecording(...rest)),
  dueRecordings: (...rest) => around('dueRecordings', () => verbs.dueRecordings(...rest)),
  pushBackDueTimes: (...rest) => around('pushBackDueTimes', () => verbs.pushBackDueTimes(...rest)),
  liveRecordings: () => around('liveRecordings', () => verbs.liveRecordings()),
  listRecordings: (...rest) => around('listRecordings', () => verbs.listRecordings(...rest)),
  findAttempt: (...rest) => around('findAttempt', () => verbs.findAttempt(...rest)),
  appendTimeline: (...rest) => around('appendTimeline', () => verbs.appendTimeline(...rest)),
  readTimeline: (...rest) => around('readTimeline', () => verbs.readTimeline(...rest)),
  addEffects: (...rest) => around('addEffects', () => verbs.addEffects(...rest)),
  claimEffects: (...rest) => around('claimEffects', () => verbs.claimEffects(...rest)),
  completeEffect: (...rest) => around('completeEffect', () => verbs.completeEffect(...rest)),
  releaseEffect: (...rest) => around('releaseEffect', () => verbs.releaseEffect(...rest)),
  releaseClaims: () => around('releaseClaims', () => verbs.releaseClaims()),
  rememberNotification: (...rest) =>
    around('rememberNotification', () => verbs.rememberNotification(...rest)),
  saveLastHeartbeats: (...rest) => around('saveLastHeartbeats', () => verbs.saveLastHeartbeats(...rest)),
  readLastHeartbeats: () => around('readLastHeartbeats', () => verbs.readLastHeartbeats()),
  addHourlyStatistics: (...rest) => around('addHourlyStatistics', () => verbs.addHourlyStatistics(...rest)),
  readHourlyStatistics: (...rest) =>
    around('readHourlyStatistics', () => verbs.readHourlyStatistics(...rest)),
  readTick: () => around('readTick', () => verbs.readTick()),
  writeTick: (...rest) => around('writeTick', () => verbs.writeTick(...rest)),
  prune: (...rest) => around('prune', () => verbs.prune(...rest)),
})
