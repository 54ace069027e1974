import { type CloudRecording, CloudRecordingError } from '@stillrolling/rest-core'
import type { Config } from '../../config.ts'
import type { StoredEffect } from '../../store/types.ts'
import type { ChannelTokens } from '../channelTokens/channelTokens.ts'
import type { Clock } from '../clock.ts'
import type { Engine } from '../engine.ts'
import type { TakeTurn } from '../serial.ts'
import type { StorageCredentials } from '../storageCredentials.ts'

/** Everything outside that effects use. */
export interface EffectContext {
  engine: Engine
  agora: CloudRecording
  clock: Clock
  credentials: Pick<StorageCredentials, 'storageOf'>
  tokens: ChannelTokens
  /** Of the acquires of two twins. */
  takeTurn: TakeTurn
  /** Aborts when the process ends: nothing more is sent to Agora. */
  ending: AbortSignal
  config: Pick<Config, 'secrets'> & { agora: Pick<Config['agora'], 'area' | 'qps'> }
}

/**
 * Carries out an effect, and hands its outcome to the engine as a signal.
 * @throws if there is no outcome; the effect is then retried
 */
export type RunEffect = (effect: StoredEffect, context: EffectContext) => Promise<void>

/** The process ends before the effect has an outcome: the next process carries it out. */
export class InterruptedError extends Error {
  constructor() {
    super('The process ends before Agora was asked')
  }
}

/** @throws {InterruptedError} if a call was not sent because the process ends */
export const throwIfInterrupted = (error: unknown, ending: AbortSignal | undefined): void => {
  const wasAborted = error instanceof CloudRecordingError && error.verdict.meaning === 'aborted'
  if (ending?.aborted && wasAborted) throw new InterruptedError()
}
