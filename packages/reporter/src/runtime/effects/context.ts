import type { CloudRecording } from '@stillrolling/rest-core'
import type { Config } from '../../config.ts'
import type { StoredEffect } from '../../store/types.ts'
import type { Clock } from '../clock.ts'
import type { Engine } from '../engine.ts'
import type { StorageCredentials } from '../storageCredentials.ts'

/** Everything outside that effects use. */
export interface EffectContext {
  engine: Engine
  agora: CloudRecording
  clock: Clock
  credentials: Pick<StorageCredentials, 'storageOf'>
  config: Pick<Config, 'secrets'> & { agora: Pick<Config['agora'], 'area' | 'qps'> }
}

/**
 * Carries out an effect, and hands its outcome to the engine as a signal.
 * @throws if there is no outcome; the effect is then retried
 */
export type RunEffect = (effect: StoredEffect, context: EffectContext) => Promise<void>
