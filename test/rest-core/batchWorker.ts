import { parentPort } from 'node:worker_threads'
import { type Batch, checkBatch } from './checkSchedules.ts'

// A worker thread of `checkSchedules`. An error ends the thread, and the parent receives it.
parentPort?.on('message', async (batch: Batch) => parentPort?.postMessage(await checkBatch(batch)))
