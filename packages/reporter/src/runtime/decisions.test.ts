import { expect, test } from 'vitest'
import { createLog } from '../log.ts'
import { recordingRequestSchema } from '../recordingRequest.ts'
import { createSqliteStore } from '../store/sqlite/sqliteStore.ts'
import type { Store } from '../store/store.ts'
import { DEFAULT_POLICY } from '../supervisor/policy.ts'
import { createHarness, REQUEST } from '../testing/harness.ts'
import { createDecisions } from './decisions.ts'

test('a decision is made at the time at which its transaction begins, not when it was asked for', async () => {
  const harness = await createHarness()
  const working = createSqliteStore(harness.db)
  const transaction: Store['transaction'] = async (work) => {
    harness.jump(7)
    return working.transaction(work)
  }
  const { clock, parts } = harness
  const decisions = createDecisions({
    store: { transaction },
    clock,
    log: createLog('silent'),
    heartbeats: parts.heartbeats,
  })
  const start = harness.now()
  const [{ stored }] = await decisions.create(
    REQUEST.id,
    recordingRequestSchema.parse(REQUEST),
    DEFAULT_POLICY,
  )
  expect(stored.recording.createdAt).toBe(start + 7000)
  await decisions.decide(REQUEST.id, { type: 'stop' }, {})
  expect((await working.readTimeline(REQUEST.id, { after: 0, limit: 10 })).at(-1)?.at).toBe(start + 14_000)
})
