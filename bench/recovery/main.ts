import { readCommandLine } from '@stillrolling/examples/commandLine'
import { openTestbed } from '@stillrolling/examples/testbed'
import { median, print } from '../figures.ts'
import { FAULTS } from './faults.ts'
import { runRound, type Sample } from './round.ts'

const HELP = `Measures how long failures go unnoticed, and how long it takes from there until the page is recorded again.
Runs the reporter as a process, with the default policy, and the emulator with a real Chromium.

  npx -y pnpm@12 bench:recovery [flags]

  --rounds <n>     rounds, one after the other (3)
  --per-fault <n>  recordings of each fault in a round (1)
  --healthy <n>    recordings without a fault in a round (2)
  --help           this text

Prints JSON lines, times in milliseconds. A round takes about two minutes.`

const { numberOf } = readCommandLine({
  name: 'bench:recovery',
  help: HELP,
  options: { rounds: { type: 'string' }, 'per-fault': { type: 'string' }, healthy: { type: 'string' } },
})
const rounds = numberOf('rounds', { min: 1, fallback: 3 })
const options = {
  perFault: numberOf('per-fault', { min: 1, fallback: 1 }),
  healthy: numberOf('healthy', { min: 1, fallback: 2 }),
}

const figuresOf = (samples: readonly Sample[]) => {
  const of = (what: 'faultToDecision' | 'decisionToStart' | 'startToRolling') => {
    const times = samples.map((sample) => sample[what])
    return { median: median(times), worst: Math.max(...times) }
  }
  return {
    samples: samples.length,
    faultToDecision: of('faultToDecision'),
    decisionToStart: of('decisionToStart'),
    startToRolling: of('startToRolling'),
  }
}

const BENCH = 'recovery'

// Agora opens the page about 5 s after start.
const testbed = await openTestbed({ emulator: { openDelay: 5 } })
try {
  const samples: Sample[] = []
  let falseRestarts = 0
  for (let round = 1; round <= rounds; round += 1) {
    const result = await runRound(testbed, { ...options, round, faults: FAULTS })
    samples.push(...result.samples)
    falseRestarts += result.falseRestarts
    for (const sample of result.samples) print({ bench: BENCH, round, ...sample })
  }
  for (const { name } of FAULTS) {
    const ofFault = samples.filter(({ fault }) => fault === name)
    const reasons = [...new Set(ofFault.map(({ reason }) => reason))]
    print({ bench: BENCH, fault: name, reasons, ...figuresOf(ofFault) })
  }
  const recordings = FAULTS.length * options.perFault + options.healthy
  const healthy = { recordings: options.healthy * rounds, restarts: falseRestarts }
  print({ bench: BENCH, recordings, rounds, healthy, all: figuresOf(samples) })
} finally {
  await testbed.close()
}
