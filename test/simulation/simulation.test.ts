import { describe, expect, test } from 'vitest'
import {
  ATTEMPT_STATES,
  REASON_CODES,
  RECORDING_STATES,
} from '../../packages/reporter/src/supervisor/recording.ts'
import { TIMELINE_CODES } from '../../packages/reporter/src/supervisor/timeline.ts'
import { checkBatch, checkSeeds, explain, type Failure, tellStory } from './checkSeeds.ts'
import { INVARIANTS, type InvariantName } from './invariants.ts'
import type { Kit } from './kit.ts'
import { MUTATIONS } from './mutations.ts'
import { runScenario } from './runScenario.ts'
import { createScenario } from './scenario.ts'

// Known good and bad luck alike; `pnpm simulate --from` takes others.
const SEEDS = { from: 1, seeds: 2000 }

/** Of a mutation; none takes more than some dozens of seeds to be found. */
const firstFailure = async (kit: Kit): Promise<Failure | undefined> => {
  for (let from = SEEDS.from; from < SEEDS.from + SEEDS.seeds; from += 1) {
    const [failure] = await checkBatch({ from, seeds: 1 }, kit)
    if (failure) return failure
  }
  return undefined
}

test('2,000 seeds of two hours each break no invariant', async () => {
  const [failure] = await checkSeeds(SEEDS)
  expect(failure && (await explain(failure))).toBeUndefined()
  // Half a minute on two idle cores; this is for a machine that has other work.
}, 600_000)

describe('every invariant can be broken', () => {
  test.each(MUTATIONS)('$breaks: $what', async ({ breaks, kit }) => {
    expect((await firstFailure(kit))?.breach.invariant).toBe(breaks)
  })

  test('by a mutation for each', () => {
    const broken = new Set<string>(MUTATIONS.map(({ breaks }) => breaks))
    expect(broken).toEqual(new Set<string>(Object.keys(INVARIANTS) as InvariantName[]))
  })
})

/** Nothing in the model does so: Agora gives one sid, does as it is told and takes each update, and no page warns. */
const UNSEEN = ['attempt.sid_conflict', 'agora.hold_differs', 'resume_failed', 'page.warned']

test('the seeds lead to every state, every reason, and every line of the timeline', async () => {
  const seen = new Set<string>()
  for (let seed = SEEDS.from; seed < SEEDS.from + 400; seed += 1) {
    await runScenario(createScenario(seed), {
      witness: () => ({
        onCommit: ({ after, timeline }) => {
          seen.add(after.state)
          for (const { code } of timeline) seen.add(code)
          for (const { state, endReason } of after.attempts) seen.add(state).add(endReason?.code ?? state)
        },
      }),
    })
  }
  const all = [...RECORDING_STATES, ...ATTEMPT_STATES, ...REASON_CODES, ...Object.keys(TIMELINE_CODES)]
  expect(all.filter((each) => !seen.has(each)).toSorted()).toEqual(UNSEEN.toSorted())
}, 120_000)

test('the same seed runs the same way', async () => {
  expect(await tellStory(createScenario(7))).toBe(await tellStory(createScenario(7)))
})

test('a failure is told with its seed, its breach and its story', async () => {
  const mutation = MUTATIONS.find(({ what }) => what === 'silence is believed without asking Agora')
  const failure = mutation && (await firstFailure(mutation.kit))
  const text = failure ? await explain(failure, mutation.kit) : 'none'
  expect(text).toContain(`pnpm simulate --seed ${failure?.seed}`)
  expect(text).toMatch(/asked: r\d: sid\d+ is left for its silence, Agora was not asked/)
  expect(text).toContain('attempt.failed: No report from the page')
})
