import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { MISTAKES } from './brokenKits.ts'
import { checkBatch, checkSchedules, describeFailure } from './checkSchedules.ts'
import { INVARIANTS, type InvariantName } from './invariants.ts'
import { runSchedule } from './runSchedule.ts'
import { anySchedule } from './schedule.ts'

// Known good and bad luck alike: a failure prints its seed, and `node test/rest-core/schedules.ts` takes others.
const SEED = 20_260_101

test('10,000 schedules of faults break no invariant', async () => {
  const failure = await checkSchedules({ schedules: 10_000, seed: SEED })
  expect(failure && describeFailure(failure)).toBeNull()
  // Half a minute on two idle cores; this is for a machine that has other work.
}, 600_000)

test('the schedules lead to every outcome, early stops and faults of every kind', async () => {
  const seen = new Set<string>()
  for (const schedule of fc.sample(anySchedule, { numRuns: 300, seed: SEED })) {
    const { told, stopped, sent } = await runSchedule(schedule)
    for (const { outcome } of told.flatMap(({ results }) => results)) seen.add(outcome)
    for (const { amidFaults, result } of stopped)
      seen.add(`${result.outcome} ${amidFaults ? 'amid' : 'after'} faults`)
    for (const { lost } of sent) if (lost !== undefined) seen.add(lost)
  }
  const outcomes = ['started', 'running', 'unknown', 'notStarted', 'crashed']
  const stops = ['stopped amid faults', 'stopped after faults']
  const faults = ['ENOTFOUND', 'ECONNREFUSED', 'ECONNRESET', 'the body broke off', 'TimeoutError: too late']
  expect([...seen]).toEqual(expect.arrayContaining([...outcomes, ...stops, ...faults]))
})

describe('every invariant can be broken', () => {
  test.each(MISTAKES)('$breaks: $what', async ({ breaks, kit }) => {
    const found: string[] = []
    for (const schedule of fc.sample(anySchedule, { numRuns: 300, seed: SEED })) {
      found.push(...INVARIANTS[breaks](await runSchedule(schedule, kit)))
      if (found.length > 0) break
    }
    expect(found).not.toEqual([])
  })

  test('by a mistake for each', () => {
    const broken = new Set<string>(MISTAKES.map(({ breaks }) => breaks))
    expect(broken).toEqual(new Set<string>(Object.keys(INVARIANTS) as InvariantName[]))
  })
})

test('a failure is told with its seed, its breach and its story', async () => {
  const forgetful = MISTAKES.find(({ what }) => what === 'an unknown outcome is told as a failure')
  const failure = await checkBatch({ seed: SEED, schedules: 300 }, forgetful?.kit)
  const text = failure ? describeFailure(failure) : 'none'
  expect(text).toContain(`--seed ${SEED}`)
  expect(text).toContain('known: class0/900000 runs, and was told: notStarted')
  expect(text).toMatch(/#2 start class0\/900000 r1 \(api\.agora\.io\)/)
})
