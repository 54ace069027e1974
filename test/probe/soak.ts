import { readCommandLine } from '@stillrolling/examples/commandLine'
import { runSoak } from './runSoak.ts'

const HELP = `Keeps healthy pages of every kind open in a real Chromium and expects that not one check fails.

  npx -y pnpm@12 soak:probe [flags]

  --minutes <n>           how long the pages stay open after they have loaded (10); fractions are allowed
  --help                  this text

Prints a JSON line per page. Exits with 1 if a page did not load or a check failed.`

const { numberOf } = readCommandLine({
  name: 'soak:probe',
  help: HELP,
  options: { minutes: { type: 'string' } },
})
const minutes = numberOf('minutes', { min: 0.1, whole: false, fallback: 10 })

for (const { failed, ...page } of await runSoak(minutes * 60)) {
  console.log(JSON.stringify({ ...page, failed: failed.length, first: failed[0] }))
  if (page.loadedMs === null || failed.length) process.exitCode = 1
}
