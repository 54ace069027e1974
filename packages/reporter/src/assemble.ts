import type { OpenAPIHono } from '@hono/zod-openapi'
import type { CloudRecording } from '@stillrolling/rest-core'
import type { Kysely } from 'kysely'
import type { Logger } from 'pino'
import type { Config } from './config.ts'
import { createApp } from './http/app.ts'
import type { Clock } from './runtime/clock.ts'
import { createEngine, type Engine } from './runtime/engine.ts'
import { createPulse, type Pulse } from './runtime/pulse.ts'
import { createRunner, type Runner } from './runtime/runner.ts'
import { createSweep, type Sweep } from './runtime/sweep.ts'
import type { Database } from './store/schema.ts'

/** What a reporter is made of: all that it touches comes from outside. */
export interface World {
  db: Kysely<Database>
  clock: Clock
  agora: CloudRecording
  config: Config
  /** The probe's bundle, as pages load it. */
  probeScript: string
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

export const assemble = ({ db, clock, agora, config, probeScript, log }: World): Parts => {
  const pulse = createPulse(db)
  const engine = createEngine({ db, clock, pulse, log, onEffects: () => runner.poke() })
  const runner = createRunner(db, { engine, agora, clock, config }, log)
  const sweep = createSweep({ db, clock, engine, pulse, log })
  const app = createApp({ db, engine, config, probeScript, log })
  return { engine, pulse, runner, sweep, app }
}
