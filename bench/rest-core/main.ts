import { readCommandLine } from '@stillrolling/examples/commandLine'
import { measureCost } from './cost.ts'
import { compareFaults } from './sideBySide.ts'

const HELP = `
Measures what a call through the REST core costs, compared with plain fetch, and then how the REST core handles nine
faults. Prints JSON lines. Takes one to two minutes.

npx -y pnpm@12 bench:rest-core [flags]
  --calls <n>        calls per run (default 10000)
  --runs <n>         pairs of runs (default 5)
  --concurrency <n>  concurrent calls (default 10)
  --help             prints this text
`

const { numberOf } = readCommandLine({
  name: 'bench:rest-core',
  help: HELP,
  options: { calls: { type: 'string' }, runs: { type: 'string' }, concurrency: { type: 'string' } },
})

await measureCost({
  calls: numberOf('calls', { min: 1, fallback: 10_000 }),
  // The growth of the heap is measured between the first run and the last.
  runs: numberOf('runs', { min: 2, fallback: 5 }),
  concurrency: numberOf('concurrency', { min: 1, fallback: 10 }),
})
await compareFaults()
