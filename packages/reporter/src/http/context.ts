import type { Logger } from 'pino'
import type { Config } from '../config.ts'
import type { ProbeFiles } from '../probeFiles.ts'
import type { Backups } from '../runtime/backups.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Deliveries } from '../runtime/deliveries/deliveries.ts'
import type { Engine } from '../runtime/engine.ts'
import type { EventFeed } from '../runtime/events/eventFeed.ts'
import type { Acceptances, Health } from '../runtime/health.ts'
import type { JobRunner } from '../runtime/jobs/jobRunner.ts'
import type { PublicUrlWatch } from '../runtime/publicUrl/publicUrlWatch.ts'
import type { StateWaits } from '../runtime/stateWaits.ts'
import type { StatisticsCollector } from '../runtime/statisticsCollector.ts'
import type { Store } from '../store/store.ts'

/** What the routes need. They read the store and pass signals to the engine, which alone writes. */
export interface AppContext {
  store: Store
  clock: Clock
  engine: Engine
  health: Health
  publicUrl: Pick<PublicUrlWatch, 'identity'>
  backups: Pick<Backups, 'create'>
  acceptances: Pick<Acceptances, 'notifications' | 'tokens'>
  statistics: Pick<StatisticsCollector, 'count'>
  deliveries: Pick<Deliveries, 'outbox' | 'worker'>
  waits: Pick<StateWaits, 'wait'>
  events: EventFeed
  jobs: Pick<JobRunner, 'poke'>
  config: Pick<
    Config,
    | 'secrets'
    | 'apiKeys'
    | 'notificationSecrets'
    | 'storageProfiles'
    | 'tokenUrlSecrets'
    | 'tokenUrlReach'
    | 'defaultPolicy'
    | 'reportLimits'
    | 'apiLimits'
    | 'trustedProxies'
    | 'deliveries'
  >
  probeFiles: ProbeFiles
  log: Logger
}
