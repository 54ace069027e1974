import { describe, expect, test } from 'vitest'
import { memoryDatabase } from '../testing/database.ts'
import { claimEffects } from './effects.ts'

const kinds = (effects: { kind: string }[]): string[] => effects.map(({ kind }) => kind)

// store.test.ts tests what all stores have in common.
describe('claimEffects', () => {
  test('ignores kinds that only another version knows', async () => {
    const db = await memoryDatabase()
    const row = { recording_id: 'a', attempt: 1, created_at: 0, claimed_until: 0 }
    await db
      .insertInto('effects')
      .values([
        { ...row, kind: 'juggle' },
        { ...row, kind: 'stop' },
      ])
      .execute()
    expect(kinds(await claimEffects(db, 0, { kinds: ['start', 'stop'], limit: 1, leaseMs: 1000 }))).toEqual([
      'stop',
    ])
    expect(
      await db.selectFrom('effects').select('claimed_until').where('kind', '=', 'juggle').execute(),
    ).toEqual([{ claimed_until: 0 }])
  })
})
