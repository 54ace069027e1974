import type { Logger } from 'pino'
import type { Config } from '../config.ts'
import type { ProbeFiles } from '../probeFiles.ts'
import type { Engine } from '../runtime/engine.ts'
import type { Health } from '../runtime/health.ts'
import type { StatisticsCollector } from '../runtime/statisticsCollector.ts'
import type { Store } from '../store/store.ts'

/** What routes work with. They read the store and hand signals to the engine; they never write. */
export interface AppContext {
  store: Store
  engine: Engine
  health: Health
  statistics: Pick<StatisticsCollector, 'count'>
  config: Pick<Config, 'secrets' | 'apiKeys' | 'notificationSecrets' | 'storageProfiles' | 'defaultPolicy'>
  probeFiles: ProbeFiles
  log: Logger
}
