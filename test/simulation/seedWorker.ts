import { parentPort } from 'node:worker_threads'
import { type Batch, checkBatch } from './checkSeeds.ts'

// A worker thread of `checkSeeds`. An error in here ends the thread, and the parent hears of it.
parentPort?.on('message', async (batch: Batch) => parentPort?.postMessage(await checkBatch(batch)))
