import type { Verbs } from '../store/store.ts'

/** Something to be done around each verb, which `job` does. */
export type Around = <T>(verb: keyof Verbs, job: () => Promise<T>) => Promise<T>

/** The same verbs, with something done around each. */
export const aroundVerbs = (verbs: Verbs, around: Around): Verbs => ({
  insertRecording: (...rest) => around('insertRecording', () => verbs.insertRecording(...rest)),
  loadRecording: (...rest) => around('loadRecording', () => verbs.loadRecording(...rest)),
  saveRecording: (...rest) => around('saveRecording', () => verbs.saveRecording(...rest)),
  dueRecordings: (...rest) => around('dueRecordings', () => verbs.dueRecordings(...rest)),
  postponeRecordings: (...rest) => around('postponeRecordings', () => verbs.postponeRecordings(...rest)),
  liveRecordings: () => around('liveRecordings', () => verbs.liveRecordings()),
  listRecordings: (...rest) => around('listRecordings', () => verbs.listRecordings(...rest)),
  findAttempt: (...rest) => around('findAttempt', () => verbs.findAttempt(...rest)),
  appendTimeline: (...rest) => around('appendTimeline', () => verbs.appendTimeline(...rest)),
  readTimeline: (...rest) => around('readTimeline', () => verbs.readTimeline(...rest)),
  addEffects: (...rest) => around('addEffects', () => verbs.addEffects(...rest)),
  claimEffects: (...rest) => around('claimEffects', () => verbs.claimEffects(...rest)),
  settleEffect: (...rest) => around('settleEffect', () => verbs.settleEffect(...rest)),
  returnEffect: (...rest) => around('returnEffect', () => verbs.returnEffect(...rest)),
  releaseClaims: () => around('releaseClaims', () => verbs.releaseClaims()),
  rememberNotification: (...rest) =>
    around('rememberNotification', () => verbs.rememberNotification(...rest)),
  saveBeats: (...rest) => around('saveBeats', () => verbs.saveBeats(...rest)),
  readBeats: () => around('readBeats', () => verbs.readBeats()),
  addRollUps: (...rest) => around('addRollUps', () => verbs.addRollUps(...rest)),
  readRollUps: (...rest) => around('readRollUps', () => verbs.readRollUps(...rest)),
  readTick: () => around('readTick', () => verbs.readTick()),
  writeTick: (...rest) => around('writeTick', () => verbs.writeTick(...rest)),
  prune: (...rest) => around('prune', () => verbs.prune(...rest)),
})
