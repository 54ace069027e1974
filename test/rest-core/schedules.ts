import { readCommandLine } from '@stillrolling/examples/commandLine'
import { checkSchedules, describeFailure } from './checkSchedules.ts'

const HELP = `
Runs random schedules of faults against the REST core and the emulator, in this process and in simulated time.
Prints schedules per second, or the seed and the trace of the first schedule that breaches an invariant.

npx -y pnpm@12 schedules [flags]
  --schedules <n>  number of schedules (default 1000000)
  --seed <n>       seed of the first batch (default random)
  --help           prints this text

Exit code 0: no breach. 1: a breach. 2: invalid flags.
`

const { numberOf } = readCommandLine({
  name: 'schedules',
  help: HELP,
  options: { schedules: { type: 'string' }, seed: { type: 'string' } },
})

const schedules = numberOf('schedules', { min: 1, fallback: 1_000_000 })
const seed = numberOf('seed', { fallback: Date.now() % 2 ** 31 })
const startedAt = performance.now()
const rate = (done: number): string => (done / ((performance.now() - startedAt) / 1000)).toFixed(0)

console.log(`${schedules} schedules, seed ${seed}`)
let lastProgressAt = startedAt
const failure = await checkSchedules({
  schedules,
  seed,
  onProgress: (done) => {
    if (performance.now() - lastProgressAt < 10_000) return
    lastProgressAt = performance.now()
    console.log(`${done} schedules, ${rate(done)} per second`)
  },
})
if (failure) {
  console.error(describeFailure(failure))
  process.exitCode = 1
} else {
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1)
  console.log(
    `no invariant breached in ${schedules} schedules, seed ${seed}: ${seconds} s, ${rate(schedules)} per second`,
  )
}
