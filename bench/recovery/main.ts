import { parseArgs } from 'node:util'
import { openTestbed } from '@stillrolling/examples/testbed'
import { median, print } from '../figures.ts'
import { FAULTS } from './faults.ts'
import { playRound, type Sample } from './round.ts'

// How long failures go unnoticed, and how long it takes from there to the next start: the reporter as a process, the
// default policy, the emulator with a real Chromium. Each line of output is one JSON object, times in milliseconds.

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    'per-fault': { type: 'string', default: '1' },
    healthy: { type: 'string', default: '2' },
  },
})

const count = (name: keyof typeof values): number => {
  const value = Number(values[name])
  if (!Number.isInteger(value) || value < 1) throw new Error(`--${name} must be a whole number from 1`)
  return value
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

const rounds = count('rounds')
const options = { perFault: count('per-fault'), healthy: count('healthy') }
const recordings = FAULTS.length * options.perFault + options.healthy
const BENCH = 'recovery'

// Agora takes about 5 s from start until the page is opened.
const testbed = await openTestbed({ emulator: { openDelay: 5 } })
try {
  const samples: Sample[] = []
  let falseRestarts = 0
  for (let round = 1; round <= rounds; round += 1) {
    const outcome = await playRound(testbed, round, FAULTS, options)
    samples.push(...outcome.samples)
    falseRestarts += outcome.falseRestarts
    for (const sample of outcome.samples) print({ bench: BENCH, round, ...sample })
  }
  for (const { name } of FAULTS) {
    const these = samples.filter(({ fault }) => fault === name)
    const reasons = [...new Set(these.map(({ reason }) => reason))]
    print({ bench: BENCH, fault: name, reasons, ...figuresOf(these) })
  }
  const healthy = { recordings: options.healthy * rounds, restarts: falseRestarts }
  print({ bench: BENCH, recordings, rounds, healthy, all: figuresOf(samples) })
} finally {
  await testbed.close()
}
