import type { Logger } from 'pino'
import type { Config } from '../config.ts'
import type { Engine } from '../runtime/engine.ts'
import type { Store } from '../store/store.ts'

/** What routes work with. They read the store and hand signals to the engine; they never write. */
export interface AppContext {
  store: Store
  engine: Engine
  config: Pick<Config, 'secrets' | 'apiKeys' | 'notificationSecrets' | 'storageProfiles' | 'defaultPolicy'>
  /** The probe's bundle, as pages load it. */
  probeScript: string
  log: Logger
}
