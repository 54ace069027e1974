import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readCommandLine } from '@stillrolling/examples/commandLine'
import { measureDecisions } from './measureDecisions.ts'
import { measureHeads } from './measureHeads.ts'

const HELP = `Measures what deliveries cost: decisions with a destination beside the same ones without, and claiming the next delivery while
many recordings are blocked.

  npx -y pnpm@12 bench:deliveries [flags]

  --recordings <n>        recordings whose course is decided on, with and without a destination (300)
  --blocked <n>           recordings whose first delivery is not accepted (10000)
  --depth <n>             deliveries of each of them (10)
  --help                  this text

Prints JSON lines; times are in milliseconds. Databases are files, and nothing else runs. Decisions are made in turns, so that
both sides are measured under the same conditions; \`ratio\` is the cost of a decision with a destination divided by one without.`

const { numberOf } = readCommandLine({
  name: 'bench:deliveries',
  help: HELP,
  options: { recordings: { type: 'string' }, blocked: { type: 'string' }, depth: { type: 'string' } },
})
const recordings = numberOf('recordings', { min: 10, fallback: 300 })
const blocked = numberOf('blocked', { min: 1, fallback: 10_000 })
const depth = numberOf('depth', { min: 1, fallback: 10 })

const folder = await mkdtemp(join(tmpdir(), 'stillrolling-deliveries-'))
try {
  await measureDecisions(folder, recordings)
  await measureHeads(folder, { blocked, depth })
} finally {
  await rm(folder, { recursive: true, force: true })
}
