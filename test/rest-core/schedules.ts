import { parseArgs } from 'node:util'
import { checkSchedules, describeFailure } from './checkSchedules.ts'

/**
 * Runs any number of fault schedules and prints how fast, or the seed and the story of the first that breaks an
 * invariant:
 *
 * node test/rest-core/schedules.ts --schedules 1000000 [--seed 1]
 */
const { values } = parseArgs({
  options: {
    schedules: { type: 'string', default: '1000000' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
  },
})

const wholeNumber = (name: 'schedules' | 'seed', min: number): number => {
  const value = Number(values[name])
  if (Number.isSafeInteger(value) && value >= min) return value
  console.error(`--${name} must be a whole number from ${min}, it is ${values[name]}`)
  process.exit(2)
}

const schedules = wholeNumber('schedules', 1)
const seed = wholeNumber('seed', 0)
const started = performance.now()
const rate = (done: number): string => (done / ((performance.now() - started) / 1000)).toFixed(0)

console.log(`${schedules} schedules, seed ${seed}`)
let told = started
const failure = await checkSchedules({
  schedules,
  seed,
  onProgress: (done) => {
    if (performance.now() - told < 10_000) return
    told = performance.now()
    console.log(`${done} schedules, ${rate(done)} per second`)
  },
})
if (failure) {
  console.error(describeFailure(failure))
  process.exitCode = 1
} else {
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  console.log(
    `no invariant broken in ${schedules} schedules, seed ${seed}: ${seconds} s, ${rate(schedules)} per second`,
  )
}
