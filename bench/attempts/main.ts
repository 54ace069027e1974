import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readCommandLine } from '@stillrolling/examples/commandLine'
import { loadView } from '../../packages/reporter/src/http/recordings/history.ts'
import { summarizeRecording } from '../../packages/reporter/src/http/recordings/recordingSummary.ts'
import { createLog } from '../../packages/reporter/src/log.ts'
import { recordingRequestSchema } from '../../packages/reporter/src/recordingRequest.ts'
import { createEngine, type Engine } from '../../packages/reporter/src/runtime/engine.ts'
import { createHeartbeatBuffer } from '../../packages/reporter/src/runtime/heartbeatBuffer.ts'
import { migrate } from '../../packages/reporter/src/store/migrate.ts'
import { openSqlite } from '../../packages/reporter/src/store/sqlite/openSqlite.ts'
import { createSqliteStore } from '../../packages/reporter/src/store/sqlite/sqliteStore.ts'
import { median, percentile, print } from '../figures.ts'
import { rolledOver } from './rolledOver.ts'

const HELP = `Compares a recording that has rolled over thousands of times with one in its first attempt: what a decision, the view
and the list cost, and how large they and the row are.

  npx -y pnpm@12 bench:attempts [flags]

  --attempts <n>          attempts of the larger recording (8000)
  --decisions <n>         measured decisions of each (500)
  --help                  this text

Prints a JSON line for each recording; times are in milliseconds. The database is a file, and nothing else runs.`

const { numberOf } = readCommandLine({
  name: 'bench:attempts',
  help: HELP,
  options: { attempts: { type: 'string' }, decisions: { type: 'string' } },
})
const counts = [1, numberOf('attempts', { min: 2, fallback: 8000 })]
const decisions = numberOf('decisions', { min: 10, fallback: 500 })

const round = (ms: number): number => Math.round(ms * 1000) / 1000

const timed = async (job: () => Promise<unknown>): Promise<number> => {
  const from = performance.now()
  await job()
  return performance.now() - from
}

/** The page's checks fail and pass again in turns: each report is a decision that is stored. */
const decideOn = (engine: Engine, { id, attempt }: { id: string; attempt: number }, seq: number) =>
  engine.handle(id, {
    type: 'report',
    attempt,
    report: {
      ...{ type: 'heartbeat', page: `page${attempt}`, seq: seq + 3 },
      failing: seq % 2 === 0 ? [{ name: '#board' }] : [],
    },
  })

const folder = await mkdtemp(join(tmpdir(), 'stillrolling-attempts-'))
const db = openSqlite(join(folder, 'attempts.db'))
try {
  await migrate(db)
  const store = createSqliteStore(db)
  const now = Date.now()
  const log = createLog('silent')
  const engine = createEngine({
    ...{ store, log, heartbeats: createHeartbeatBuffer(store) },
    clock: { now: () => now, elapsed: () => now },
  })
  const context = { store, engine, log, config: { storageProfiles: {} } }
  const recordings = counts.map((attempt) => ({ id: `after${attempt}`, attempt }))
  for (const { id, attempt } of recordings) {
    const { recording, settled } = rolledOver(id, attempt, now)
    const request = recordingRequestSchema.parse({ id, url: `https://app.example.com/room/${id}` })
    await store.insertRecording(request, recording, now)
    await store.saveSettledAttempts(id, settled)
  }
  const times = recordings.map((): { decision: number[]; view: number[] } => ({ decision: [], view: [] }))
  // In turns, and each first in every other turn, so that both are measured under the same conditions.
  for (let seq = 0; seq < decisions; seq += 1) {
    const inTurn = [...recordings.entries()]
    if (seq % 2 === 1) inTurn.reverse()
    for (const [index, each] of inTurn) {
      times[index]?.decision.push(await timed(() => decideOn(engine, each, seq)))
      times[index]?.view.push(
        await timed(async () => {
          const stored = await engine.load(each.id)
          return stored && JSON.stringify(await loadView(context, stored))
        }),
      )
    }
  }
  for (const [index, { id, attempt }] of recordings.entries()) {
    const { decision = [], view = [] } = times[index] ?? {}
    const stored = await engine.load(id)
    if (!stored) throw new Error(`${id} is not stored`)
    const { body } = await db
      .selectFrom('recordings')
      .select('body')
      .where('id', '=', id)
      .executeTakeFirstOrThrow()
    print({
      ...{ bench: 'attempts', attempts: attempt, decisions },
      decisionMs: round(median(decision)),
      decisionP99Ms: round(percentile(decision, 99)),
      rowBytes: body.length,
      viewMs: round(median(view)),
      viewBytes: JSON.stringify(await loadView(context, stored)).length,
      summaryBytes: JSON.stringify(summarizeRecording(stored)).length,
    })
  }
} finally {
  await db.destroy()
  await rm(folder, { recursive: true, force: true })
}
