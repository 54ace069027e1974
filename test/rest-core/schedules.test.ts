import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { BROKEN_CLIENTS } from './brokenClients.ts'
import { checkBatch, checkSchedules, describeFailure } from './checkSchedules.ts'
import { INVARIANTS, type InvariantName } from './invariants.ts'
import { runSchedule } from './runSchedule.ts'
import { anySchedule } from './schedule.ts'

// A fixed seed, so that the test is deterministic. `npx -y pnpm@12 schedules --seed` runs others.
const SEED = 20_260_101

test('10,000 schedules of faults breach no invariant', async () => {
  const failure = await checkSchedules({ schedules: 10_000, seed: SEED })
  expect(failure && describeFailure(failure)).toBeNull()
  // Takes half a minute on two idle cores; the timeout is for a busy machine.
}, 600_000)

test('the schedules lead to every outcome, early stops and faults of every kind', async () => {
  const seen = new Set<string>()
  for (const schedule of fc.sample(anySchedule, { numRuns: 300, seed: SEED })) {
    const { callers, stopped, sent } = await runSchedule(schedule)
    for (const { outcome } of callers.flatMap(({ results }) => results)) seen.add(outcome)
    for (const { duringFaults, result } of stopped)
      seen.add(`${result.outcome} ${duringFaults ? 'during' : 'after'} faults`)
    for (const { lost } of sent) if (lost !== undefined) seen.add(lost)
  }
  const outcomes = ['started', 'running', 'unknown', 'notStarted', 'crashed']
  const stops = ['stopped during faults', 'stopped after faults']
  const faults = [
    'ENOTFOUND',
    'ECONNREFUSED',
    'ECONNRESET',
    'the body is incomplete',
    'TimeoutError: too late',
  ]
  expect([...seen]).toEqual(expect.arrayContaining([...outcomes, ...stops, ...faults]))
})

describe('every invariant can be breached', () => {
  test.each(BROKEN_CLIENTS)('$breaches: $what', async ({ breaches, kit }) => {
    const found: string[] = []
    for (const schedule of fc.sample(anySchedule, { numRuns: 300, seed: SEED })) {
      found.push(...INVARIANTS[breaches](await runSchedule(schedule, kit)))
      if (found.length > 0) break
    }
    expect(found).not.toEqual([])
  })

  test('by at least one broken client', () => {
    const breached = new Set<string>(BROKEN_CLIENTS.map(({ breaches }) => breaches))
    expect(breached).toEqual(new Set<string>(Object.keys(INVARIANTS) as InvariantName[]))
  })
})

test('a failure is described by its seed, its breach and its trace', async () => {
  const forgetful = BROKEN_CLIENTS.find(({ what }) => what === 'an unknown outcome is reported as a failure')
  const failure = await checkBatch({ seed: SEED, schedules: 300 }, forgetful?.kit)
  const text = failure ? describeFailure(failure) : 'none'
  expect(text).toContain(`--seed ${SEED}`)
  expect(text).toContain('known: class0/900000 runs, but its callers got: notStarted')
  expect(text).toMatch(/#2 start class0\/900000 r1 \(api\.agora\.io\)/)
})
