/** `pnpm soak:probe --minutes 10`: healthy pages, and not one failed check. A JSON line per page; exit code 1 on a fault. */
import { parseArgs } from 'node:util'
import { runSoak } from './runSoak.ts'

const { values } = parseArgs({ options: { minutes: { type: 'string', default: '10' } } })
const minutes = Number(values.minutes)
if (!(minutes > 0)) throw new Error(`--minutes must be a number above 0, not ${values.minutes}`)

for (const { failed, ...page } of await runSoak(minutes * 60)) {
  console.log(JSON.stringify({ ...page, failed: failed.length, first: failed[0] }))
  if (page.loadedMs === null || failed.length) process.exitCode = 1
}
