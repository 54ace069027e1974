import { join } from 'node:path'
import type { Destination } from '../../packages/reporter/src/destinations.ts'
import { createLog } from '../../packages/reporter/src/log.ts'
import { recordingRequestSchema } from '../../packages/reporter/src/recordingRequest.ts'
import { createOutbox } from '../../packages/reporter/src/runtime/deliveries/outbox.ts'
import { createEngine, type Engine } from '../../packages/reporter/src/runtime/engine.ts'
import { createHeartbeatBuffer } from '../../packages/reporter/src/runtime/heartbeatBuffer.ts'
import { migrate } from '../../packages/reporter/src/store/migrate.ts'
import { openSqlite } from '../../packages/reporter/src/store/sqlite/openSqlite.ts'
import { createSqliteStore } from '../../packages/reporter/src/store/sqlite/sqliteStore.ts'
import { DEFAULT_POLICY } from '../../packages/reporter/src/supervisor/policy.ts'
import type { Signal } from '../../packages/reporter/src/supervisor/signal.ts'
import { median, print } from '../figures.ts'

const DESTINATION: Destination = {
  name: 'backend',
  url: 'https://app.example.com/',
  secrets: [`whsec_${Buffer.alloc(32, 's').toString('base64')}`],
  types: ['*'],
  preset: 'standard',
}

interface Side {
  name: 'none' | 'one'
  engine: Engine
  deliveries(): Promise<number>
  close(): Promise<void>
  /** Milliseconds of each decision. */
  times: number[]
}

const openSide = async (folder: string, name: Side['name']): Promise<Side> => {
  const db = openSqlite(join(folder, `${name}.db`))
  await migrate(db)
  const store = createSqliteStore(db)
  const log = createLog('silent')
  const destinations = name === 'one' ? [DESTINATION] : []
  const now = Date.now()
  const engine = createEngine({
    ...{ store, log, heartbeats: createHeartbeatBuffer(store), outbox: createOutbox({ destinations, log }) },
    clock: { now: () => now, elapsed: () => now },
  })
  return {
    ...{ name, engine, times: [] },
    deliveries: async () => (await store.readBacklog())[0]?.pending ?? 0,
    close: () => db.destroy(),
  }
}

/** An hour of a recording: two attempts, queries, a check that fails and passes, and the stop. */
const course = (id: string): Signal[] => {
  const started = (attempt: number): Signal[] => [
    { type: 'acquired', attempt, resourceId: `resource${attempt}`.padEnd(400, 'x') },
    { type: 'started', attempt, sid: `${id}-${attempt}`, resourceId: `resource${attempt}`.padEnd(400, 'x') },
    report(attempt, 1, 'hello'),
    report(attempt, 2, 'loaded'),
  ]
  const queried = (attempt: number, files: string[]): Signal => ({
    ...{ type: 'queried', attempt },
    answer: { kind: 'status', status: 5, files, onhold: false },
  })
  return [
    ...started(1),
    queried(1, []),
    queried(1, ['a1.m3u8']),
    queried(1, ['a1.m3u8']),
    queried(1, ['a1.m3u8', 'a1.mp4']),
    report(1, 3, 'heartbeat', true),
    report(1, 4, 'heartbeat'),
    ended(id, 1),
    ...started(2),
    queried(2, []),
    queried(2, ['a2.m3u8']),
    queried(2, ['a2.m3u8']),
    queried(2, ['a2.m3u8', 'a2.mp4']),
    { type: 'stop' },
    {
      type: 'stopAnswered',
      attempt: 2,
      sid: `${id}-2`,
      outcome: 'stopped',
      evidence: {},
      files: ['a2_2.mp4'],
    },
  ]
}

const report = (
  attempt: number,
  seq: number,
  type: 'hello' | 'loaded' | 'heartbeat',
  isFailing = false,
): Signal => ({
  ...{ type: 'report', attempt },
  report: { type, page: `page${attempt}`, seq, failing: isFailing ? [{ name: '#board' }] : [] },
})

const ended = (id: string, attempt: number): Signal => ({
  ...{ type: 'notification', attempt },
  notification: { eventType: 71, sid: `${id}-${attempt}`, code: 6, files: [] },
})

/** Decisions with a destination and without, in turns. */
export const measureDecisions = async (folder: string, recordings: number): Promise<void> => {
  const sides = [await openSide(folder, 'none'), await openSide(folder, 'one')]
  const timed = async ({ times }: Side, job: () => Promise<unknown>): Promise<void> => {
    const from = performance.now()
    await job()
    times.push(performance.now() - from)
  }
  for (let index = 0; index < recordings; index += 1) {
    const id = `recording${index}`
    const request = recordingRequestSchema.parse({ id, url: `https://app.example.com/room/${id}` })
    const inTurn = index % 2 === 0 ? sides : sides.toReversed()
    for (const side of inTurn) await timed(side, () => side.engine.create(id, request, DEFAULT_POLICY))
    for (const signal of course(id)) {
      for (const side of inTurn) await timed(side, () => side.engine.handle(id, signal))
    }
  }
  // The first ones warm up.
  const warm = sides.map(({ times }) => times.slice(times.length / 10))
  const [without = 0, withOne = 0] = warm.map(
    (times) => times.reduce((sum, each) => sum + each, 0) / times.length,
  )
  for (const [index, side] of sides.entries()) {
    const times = warm[index] ?? []
    print({
      ...{ bench: 'deliveries', part: 'decisions', destinations: side.name },
      ...{ decisions: times.length, deliveries: await side.deliveries() },
      ...{ meanMs: round(index === 0 ? without : withOne), medianMs: round(median(times)) },
    })
    await side.close()
  }
  print({ bench: 'deliveries', part: 'decisions', ratio: round(withOne / without) })
}

const round = (value: number): number => Math.round(value * 1000) / 1000
