import { parentPort } from 'node:worker_threads'
import { type Batch, checkBatch } from './checkSeeds.ts'

// A worker thread of `checkSeeds`. An error here ends the thread, and rejects the parent's promise.
parentPort?.on('message', async (batch: Batch) => parentPort?.postMessage(await checkBatch(batch)))
