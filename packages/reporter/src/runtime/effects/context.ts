import type { CloudRecording } from '@stillrolling/rest-core'
import type { Config } from '../../config.ts'
import type { StoredEffect } from '../../store/types.ts'
import type { Clock } from '../clock.ts'
import type { Engine } from '../engine.ts'

/** What an effect needs to touch the world. Its outcome goes back to the engine as a signal. */
export interface EffectContext {
  engine: Engine
  agora: CloudRecording
  clock: Clock
  config: Pick<Config, 'secrets' | 'storageProfiles'> & { agora: Pick<Config['agora'], 'area' | 'qps'> }
}

export type RunEffect = (effect: StoredEffect, context: EffectContext) => Promise<void>
