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
import { createPulse, type Pulse } from './runtime/pulse.ts'
import { createRetention, type Retention } from './runtime/retention.ts'
import { createRollUps, type RollUps } from './runtime/rollUps.ts'
import { createRunner, type Runner } from './runtime/runner.ts'
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
  pulse: Pulse
  runner: Runner
  sweep: Sweep
  health: Health
  rollUps: RollUps
  retention: Retention
  app: OpenAPIHono
}

export const assemble = ({ store, clock, agora, config, probeFiles, log }: World): Parts => {
  const pulse = createPulse(store)
  const breaker = createBreaker(pulse.heard, log)
  const engine = createEngine({
    store,
    clock,
    pulse,
    log,
    isDeaf: () => breaker.since() !== null,
    onEffects: () => runner.poke(),
  })
  const runner = createRunner(store, { engine, agora, clock, config }, log)
  const sweep = createSweep({ store, clock, engine, pulse, breaker, log })
  const rollUps = createRollUps({ store, clock, log })
  const retention = createRetention({ store, clock, log, days: config.retentionDays })
  const health = createHealth({ store, clock, sweep, breaker })
  const app = createApp({ store, engine, health, rollUps, config, probeFiles, log })
  return { engine, pulse, runner, sweep, health, rollUps, retention, app }
}
