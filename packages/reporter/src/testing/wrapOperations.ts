import type { StoreOperations } from '../store/store.ts'

/** Runs `job`, the operation's real work, with something before or after it, or not at all. */
export type WrapOperation = <T>(operation: keyof StoreOperations, job: () => Promise<T>) => Promise<T>

/** The same operations, each called through `wrap`. */
export const wrapOperations = (operations: StoreOperations, wrap: WrapOperation): StoreOperations => ({
  insertRecording: (...args) => wrap('insertRecording', () => operations.insertRecording(...args)),
  loadRecording: (...args) => wrap('loadRecording', () => operations.loadRecording(...args)),
  saveRecording: (...args) => wrap('saveRecording', () => operations.saveRecording(...args)),
  saveRequest: (...args) => wrap('saveRequest', () => operations.saveRequest(...args)),
  loadRecordings: (...args) => wrap('loadRecordings', () => operations.loadRecordings(...args)),
  dueRecordings: (...args) => wrap('dueRecordings', () => operations.dueRecordings(...args)),
  pushBackDueTimes: (...args) => wrap('pushBackDueTimes', () => operations.pushBackDueTimes(...args)),
  liveRecordings: () => wrap('liveRecordings', () => operations.liveRecordings()),
  countRecordings: () => wrap('countRecordings', () => operations.countRecordings()),
  listRecordings: (...args) => wrap('listRecordings', () => operations.listRecordings(...args)),
  summarizeRecordings: () => wrap('summarizeRecordings', () => operations.summarizeRecordings()),
  findAttempt: (...args) => wrap('findAttempt', () => operations.findAttempt(...args)),
  recordingsWithoutSid: (...args) =>
    wrap('recordingsWithoutSid', () => operations.recordingsWithoutSid(...args)),
  liveRecordingsIn: (...args) => wrap('liveRecordingsIn', () => operations.liveRecordingsIn(...args)),
  takenUids: (...args) => wrap('takenUids', () => operations.takenUids(...args)),
  saveSettledAttempts: (...args) =>
    wrap('saveSettledAttempts', () => operations.saveSettledAttempts(...args)),
  loadSettledAttempt: (...args) => wrap('loadSettledAttempt', () => operations.loadSettledAttempt(...args)),
  readSettledAttempts: (...args) =>
    wrap('readSettledAttempts', () => operations.readSettledAttempts(...args)),
  appendTimeline: (...args) => wrap('appendTimeline', () => operations.appendTimeline(...args)),
  readTimeline: (...args) => wrap('readTimeline', () => operations.readTimeline(...args)),
  readTimelineEvents: (...args) => wrap('readTimelineEvents', () => operations.readTimelineEvents(...args)),
  timelineRange: () => wrap('timelineRange', () => operations.timelineRange()),
  addEffects: (...args) => wrap('addEffects', () => operations.addEffects(...args)),
  claimEffects: (...args) => wrap('claimEffects', () => operations.claimEffects(...args)),
  completeEffect: (...args) => wrap('completeEffect', () => operations.completeEffect(...args)),
  releaseEffect: (...args) => wrap('releaseEffect', () => operations.releaseEffect(...args)),
  releaseClaims: () => wrap('releaseClaims', () => operations.releaseClaims()),
  addDeliveries: (...args) => wrap('addDeliveries', () => operations.addDeliveries(...args)),
  claimDeliveries: (...args) => wrap('claimDeliveries', () => operations.claimDeliveries(...args)),
  settleDelivery: (...args) => wrap('settleDelivery', () => operations.settleDelivery(...args)),
  expireDeliveries: (...args) => wrap('expireDeliveries', () => operations.expireDeliveries(...args)),
  releaseDeliveryClaims: () => wrap('releaseDeliveryClaims', () => operations.releaseDeliveryClaims()),
  hastenDeliveries: (...args) => wrap('hastenDeliveries', () => operations.hastenDeliveries(...args)),
  listDeliveries: (...args) => wrap('listDeliveries', () => operations.listDeliveries(...args)),
  loadDelivery: (...args) => wrap('loadDelivery', () => operations.loadDelivery(...args)),
  requeueDeliveries: (...args) => wrap('requeueDeliveries', () => operations.requeueDeliveries(...args)),
  failedDeliveries: (...args) => wrap('failedDeliveries', () => operations.failedDeliveries(...args)),
  oldestQueuedAt: (...args) => wrap('oldestQueuedAt', () => operations.oldestQueuedAt(...args)),
  readBacklog: () => wrap('readBacklog', () => operations.readBacklog()),
  readDestinations: () => wrap('readDestinations', () => operations.readDestinations()),
  saveDestination: (...args) => wrap('saveDestination', () => operations.saveDestination(...args)),
  holdCause: (...args) => wrap('holdCause', () => operations.holdCause(...args)),
  releaseCause: (...args) => wrap('releaseCause', () => operations.releaseCause(...args)),
  forgetCauses: (...args) => wrap('forgetCauses', () => operations.forgetCauses(...args)),
  rememberNotification: (...args) =>
    wrap('rememberNotification', () => operations.rememberNotification(...args)),
  insertApiKey: (...args) => wrap('insertApiKey', () => operations.insertApiKey(...args)),
  findApiKey: (...args) => wrap('findApiKey', () => operations.findApiKey(...args)),
  readApiKeys: () => wrap('readApiKeys', () => operations.readApiKeys()),
  revokeApiKey: (...args) => wrap('revokeApiKey', () => operations.revokeApiKey(...args)),
  markApiKeyUsed: (...args) => wrap('markApiKeyUsed', () => operations.markApiKeyUsed(...args)),
  insertIdempotencyKey: (...args) =>
    wrap('insertIdempotencyKey', () => operations.insertIdempotencyKey(...args)),
  loadIdempotencyKey: (...args) => wrap('loadIdempotencyKey', () => operations.loadIdempotencyKey(...args)),
  saveLastHeartbeats: (...args) => wrap('saveLastHeartbeats', () => operations.saveLastHeartbeats(...args)),
  addHourlyStatistics: (...args) =>
    wrap('addHourlyStatistics', () => operations.addHourlyStatistics(...args)),
  readHourlyStatistics: (...args) =>
    wrap('readHourlyStatistics', () => operations.readHourlyStatistics(...args)),
  readDowntimes: () => wrap('readDowntimes', () => operations.readDowntimes()),
  addDowntime: (...args) => wrap('addDowntime', () => operations.addDowntime(...args)),
  readTick: () => wrap('readTick', () => operations.readTick()),
  writeTick: (...args) => wrap('writeTick', () => operations.writeTick(...args)),
  prune: (...args) => wrap('prune', () => operations.prune(...args)),
})
