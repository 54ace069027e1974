import type { OpenAPIHono } from '@hono/zod-openapi'
import type { CloudRecording } from '@stillrolling/rest-core'
import type { Logger } from 'pino'
import type { Config } from './config.ts'
import { createApp } from './http/app.ts'
import type { ProbeFiles } from './probeFiles.ts'
import { createBreaker } from './runtime/breaker.ts'
import type { Clock } from './runtime/clock.ts'
import { createEngine, type Engine } from './runtime/engine.ts'
import { createHealth, type Health } from './runtime/health.ts'
import { createHeartbeatBuffer, type HeartbeatBuffer } from './runtime/heartbeatBuffer.ts'
import { createRetention, type Retention } from './runtime/retention.ts'
import { createRunner, type Runner } from './runtime/runner.ts'
import { createStatisticsCollector, type StatisticsCollector } from './runtime/statisticsCollector.ts'
import { createSweep, type Sweep } from './runtime/sweep.ts'
import type { Store } from './store/store.ts'

/** What a reporter is made of: all that it touches comes from outside. */
export interface World {
  store: Store
  clock: Clock
  agora: CloudRecording
  config: Config
  probeFiles: ProbeFiles
  log: Logger
}

/** The parts of a reporter, joined. Nothing runs yet. */
export interface Parts {
  engine: Engine
  heartbeats: HeartbeatBuffer
  runner: Runner
  sweep: Sweep
  health: Health
  statistics: StatisticsCollector
  retention: Retention
  app: OpenAPIHono
}

export const assemble = ({ store, clock, agora, config, probeFiles, log }: World): Parts => {
  const pulse = createHeartbeatBuffer(store)
  const breaker = createBreaker(pulse.expectedPages, log)
  const engine = createEngine({
    store,
    clock,
    heartbeats: pulse,
    log,
    isIngressSuspect: () => breaker.outageSince() !== null,
    onEffects: () => runner.poke(),
  })
  const runner = createRunner(store, { engine, agora, clock, config }, log)
  const sweep = createSweep({ store, clock, engine, pulse, breaker, log })
  const rollUps = createStatisticsCollector({ store, clock, log })
  const retention = createRetention({ store, clock, log, days: config.retentionDays })
  const health = createHealth({ store, clock, sweep, breaker })
  const app = createApp({ store, engine, health, statistics: rollUps, config, probeFiles, log })
  return { engine, heartbeats: pulse, runner, sweep, health, statistics: rollUps, retention, app }
}
