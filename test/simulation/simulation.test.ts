import { describe, expect, test } from 'vitest'
import {
  ATTEMPT_STATES,
  REASON_CODES,
  RECORDING_STATES,
} from '../../packages/reporter/src/supervisor/recording.ts'
import { TIMELINE_CODES } from '../../packages/reporter/src/supervisor/timeline.ts'
import { checkBatch, checkSeeds, explainFailure, type Failure, traceScenario } from './checkSeeds.ts'
import { INVARIANTS, type InvariantName } from './invariants/index.ts'
import { MUTATIONS } from './mutations/index.ts'
import type { Mutation } from './mutations/mutation.ts'
import { runScenario } from './runScenario.ts'
import { createScenario } from './scenario/createScenario.ts'
import type { Scenario } from './scenario/scenario.ts'

// The tests always run the same seeds; `simulate --from` runs others.
const SEEDS = { from: 1, seeds: 2000 }

const hasThem: Record<NonNullable<Mutation['seeds']>, (scenario: Scenario) => boolean> = {
  channels: ({ channels }) => channels.length > 0,
  standbys: ({ recordings }) => recordings.some(({ standby }) => standby),
}

/** The first failure with a mutation. Every mutation fails within a few hundred seeds. */
const firstFailure = async ({
  kit,
  seeds,
}: Pick<Mutation, 'kit' | 'seeds'>): Promise<Failure | undefined> => {
  for (let from = SEEDS.from; from < SEEDS.from + SEEDS.seeds; from += 1) {
    if (seeds !== undefined && !hasThem[seeds](createScenario(from))) continue
    const [failure] = await checkBatch({ from, seeds: 1 }, kit)
    if (failure) return failure
  }
  return undefined
}

test('no invariant is breached in 2,000 seeds of two hours each', async () => {
  const [failure] = await checkSeeds(SEEDS)
  expect(failure && (await explainFailure(failure))).toBeUndefined()
  // It takes half a minute on two idle cores; the timeout allows for a busy machine.
}, 600_000)

describe('every invariant catches a mutation', () => {
  test.each(MUTATIONS)('$breaks: $what', async (mutation) => {
    expect((await firstFailure(mutation))?.breach.invariant).toBe(mutation.breaks)
  })

  test('no invariant is missing from the mutations', () => {
    const broken = new Set<string>(MUTATIONS.map(({ breaks }) => breaks))
    expect(broken).toEqual(new Set<string>(Object.keys(INVARIANTS) as InvariantName[]))
  })
})

/**
 * The model never leads to these: Agora gives one sid, refuses no update of a page and pauses as requested, no page sends warnings
 * or script errors, and no token is refused.
 */
const UNREACHED = [
  'agora.pause_differs',
  'attempt.sid_conflict',
  'resume_failed',
  'page.warned',
  'page.error',
  'page.token_refused',
]

test('the seeds reach every state, every reason and every timeline code', async () => {
  const seen = new Set<string>()
  for (let seed = SEEDS.from; seed < SEEDS.from + 400; seed += 1) {
    await runScenario(createScenario(seed), {
      observer: () => ({
        onCommit: ({ after, timeline }) => {
          seen.add(after.state)
          for (const { code } of timeline) seen.add(code)
          for (const { state, endReason, candidateFor } of after.attempts) {
            seen.add(state)
            for (const why of [endReason, candidateFor]) if (why) seen.add(why.code)
          }
        },
      }),
    })
  }
  const all = [...RECORDING_STATES, ...ATTEMPT_STATES, ...REASON_CODES, ...Object.keys(TIMELINE_CODES)]
  expect(all.filter((each) => !seen.has(each)).toSorted()).toEqual(UNREACHED.toSorted())
}, 120_000)

test('the same seed always runs the same way', async () => {
  expect(await traceScenario(createScenario(7))).toBe(await traceScenario(createScenario(7)))
})

describe('a failure is explained', () => {
  const mutation = MUTATIONS.find(({ breaks }) => breaks === 'confirmedSilence')
  const explain = async (isDirty: boolean): Promise<{ seed: number; text: string }> => {
    const failure = mutation && (await firstFailure(mutation))
    if (!failure) throw new Error('The mutation breached nothing')
    const commit = { hash: 'abc123', isDirty }
    return { seed: failure.seed, text: await explainFailure(failure, { kit: mutation.kit, commit }) }
  }

  test('by seed and commit, and the command that reproduces it', async () => {
    const { seed, text } = await explain(false)
    expect(text.split('\n')[0]).toBe(`seed ${seed}, commit abc123`)
    expect(text).toContain(`To reproduce: npx -y pnpm@12 simulate --seed ${seed}\n`)
    expect((await explain(true)).text).toContain('commit abc123 with uncommitted changes\n')
  })

  test('by its breach, and the trace of the smallest scenario', async () => {
    const { text } = await explain(false)
    expect(text.split('\n')[1]).toMatch(
      /confirmedSilence: r\d(~standby)?: sid\d+ is given up .*without a query$/,
    )
    expect(text).toContain('attempt.failed: ')
  })
})
