import { expect, test } from 'vitest'
import {
  ATTEMPT_STATES,
  REASON_CODES,
  RECORDING_STATES,
} from '../../packages/reporter/src/supervisor/recording.ts'
import { TIMELINE_CODES } from '../../packages/reporter/src/supervisor/timeline.ts'
import { runScenario } from './runScenario.ts'
import { createScenario } from './scenario/createScenario.ts'
import { TESTED_SEEDS } from './testedSeeds.ts'

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
  for (let seed = TESTED_SEEDS.from; seed < TESTED_SEEDS.from + 400; seed += 1) {
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
