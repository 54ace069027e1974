import { fork } from 'node:child_process'
import { once } from 'node:events'
import { copyFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readCommandLine } from '@stillrolling/examples/commandLine'
import { freePort } from '@stillrolling/examples/testbed'
import { median, print } from '../figures.ts'
import { buildDatabase } from './buildDatabase.ts'
import type { Milestones } from './measuredReporter.ts'

const HELP = `Starts a reporter on databases with 100 to 100,000 rolling recordings, as one leaves them that was killed a minute ago.
Measures how long it takes until the reporter listens, until the first pass of its sweep, and until nothing is due
(null if that took longer than 25 s: by then the pages, none of which reports, are silent).

  npx -y pnpm@12 bench:startup [flags]

  --max <n>               the most recordings (100000)
  --rounds <n>            starts for each number of recordings (5)
  --help                  this text

Prints JSON lines: medians in milliseconds, processor time (cpu) since the database was opened, and the time until the
reporter listens as a multiple of that with 100 recordings. Agora cannot be reached.`

const { numberOf } = readCommandLine({
  name: 'bench:startup',
  help: HELP,
  options: { max: { type: 'string' }, rounds: { type: 'string' } },
})
const max = numberOf('max', { min: 100, fallback: 100_000 })
const rounds = numberOf('rounds', { min: 1, fallback: 5 })

/** Multiples of 100 (buildDatabase.ts). */
const COUNTS = [100, 1000, 10_000, 100_000].filter((count) => count <= max)
/** How long ago the reporter was killed. */
const DOWNTIME_MS = 60_000

interface Start extends Milestones {
  /** The process was created. */
  spawned: number
}

const environmentOf = (databaseFile: string, port: number): Record<string, string> => ({
  PATH: process.env.PATH ?? '',
  HOST: '127.0.0.1',
  PORT: String(port),
  PUBLIC_URL: `http://127.0.0.1:${port}`,
  DATABASE_FILE: databaseFile,
  STILLROLLING_SECRET: 'signs the tokens of no page',
  AGORA_APP_ID: 'startup',
  AGORA_CUSTOMER_ID: 'startup',
  AGORA_CUSTOMER_SECRET: 'startup',
  // The discard port: nothing listens there.
  AGORA_BASE_URLS: 'http://127.0.0.1:9',
  STORAGE_PROFILES: JSON.stringify({
    default: { vendor: 1, region: 0, bucket: 'startup', accessKey: 'startup', secretKey: 'startup' },
  }),
})

const start = async (databaseFile: string): Promise<Start> => {
  const env = environmentOf(databaseFile, await freePort())
  const spawned = Date.now()
  const child = fork(new URL('./measuredReporter.ts', import.meta.url), { env })
  const exited = once(child, 'exit').then(() => {
    throw new Error('The reporter ended')
  })
  const [milestones] = (await Promise.race([once(child, 'message'), exited])) as [Milestones]
  exited.catch(() => {})
  child.kill('SIGKILL')
  await exited.catch(() => {})
  return { ...milestones, spawned }
}

const startAll = async (folder: string, recordings: number): Promise<Start[]> => {
  const built = join(folder, `${recordings}.db`)
  const file = join(folder, 'started.db')
  const starts: Start[] = []
  for (let round = 0; round < rounds; round += 1) {
    // Built for each start, because its times count from now.
    await rm(built, { force: true })
    await buildDatabase(built, recordings, Date.now() - DOWNTIME_MS)
    for (const suffix of ['', '-wal', '-shm']) await rm(`${file}${suffix}`, { force: true })
    await copyFile(built, file)
    starts.push(await start(file))
  }
  return starts
}

const folder = await mkdtemp(join(tmpdir(), 'stillrolling-startup-'))
try {
  let baseline: number | undefined
  for (const recordings of COUNTS) {
    const starts = await startAll(folder, recordings)
    const medianOf = (from: keyof Start, to: keyof Start): number =>
      median(starts.map((each) => (each[to] ?? Number.NaN) - (each[from] ?? Number.NaN)))
    const listening = medianOf('opening', 'listening')
    baseline ??= listening
    print({
      bench: 'startup',
      recordings,
      rounds,
      spawnToListening: medianOf('spawned', 'listening'),
      openToListening: listening,
      timesSmallest: Math.round((10 * listening) / baseline) / 10,
      openToFirstPass: medianOf('opening', 'firstPass'),
      openToAllHandled: medianOf('opening', 'allHandled'),
      cpuToListening: Math.round(median(starts.map(({ cpuToListening }) => cpuToListening))),
      cpuToAllHandled: Math.round(
        median(starts.map(({ cpu, allHandled }) => (allHandled === undefined ? Number.NaN : cpu))),
      ),
    })
  }
} finally {
  await rm(folder, { recursive: true, force: true })
}
