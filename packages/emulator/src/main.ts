#!/usr/bin/env node
import { shutdownSignal } from './cli/shutdownSignal.ts'

// Loading the rest takes up to a second, in which a signal must end the process in order as well.
const shutdown = shutdownSignal()
const { run } = await import('./cli/run.ts')
await run(shutdown)
