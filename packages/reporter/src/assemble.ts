import type { OpenAPIHono } from '@hono/zod-openapi'
import type { CloudRecording } from '@stillrolling/rest-core'
import type { Logger } from 'pino'
import type { Config } from './config.ts'
import { createApp } from './http/app.ts'
import type { ProbeFiles } from './probeFiles.ts'
import type { Clock } from './runtime/clock.ts'
import { createEngine, type Engine } from './runtime/engine.ts'
import { createPulse, type Pulse } from './runtime/pulse.ts'
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
  app: OpenAPIHono
}

export const assemble = ({ store, clock, agora, config, probeFiles, log }: World): Parts => {
  const pulse = createPulse(store)
  const engine = createEngine({ store, clock, pulse, log, onEffects: () => runner.poke() })
  const runner = createRunner(store, { engine, agora, clock, config }, log)
  const sweep = createSweep({ store, clock, engine, pulse, log })
  const app = createApp({ store, engine, config, probeFiles, log })
  return { engine, pulse, runner, sweep, app }
}
