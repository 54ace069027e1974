import { describe, expect, it } from 'vitest'
import { memoryDatabase } from '../testing/database.ts'
import { addEffects, claimEffects, releaseClaims, returnEffect, settleEffect } from './effects.ts'

const LEASE = { limit: 10, lease: 1000 }
const kinds = (effects: { kind: string }[]): string[] => effects.map(({ kind }) => kind)

describe('effects', () => {
  it('are claimed by one, oldest first, and no more than asked for', async () => {
    const db = await memoryDatabase()
    await addEffects(
      db,
      'a',
      [
        { kind: 'start', attempt: 1 },
        { kind: 'stop', attempt: 2 },
      ],
      0,
    )
    await addEffects(db, 'b', [{ kind: 'query', attempt: 3 }], 0)
    expect(await claimEffects(db, 0, { ...LEASE, limit: 2 })).toEqual([
      { id: 1, recordingId: 'a', kind: 'start', attempt: 1 },
      { id: 2, recordingId: 'a', kind: 'stop', attempt: 2 },
    ])
    expect(kinds(await claimEffects(db, 0, LEASE))).toEqual(['query'])
    expect(await claimEffects(db, 999, LEASE)).toEqual([])
  })

  it('are free again when their lease has run out', async () => {
    const db = await memoryDatabase()
    await addEffects(db, 'a', [{ kind: 'start', attempt: 1 }], 0)
    await claimEffects(db, 0, LEASE)
    expect(kinds(await claimEffects(db, 1000, LEASE))).toEqual(['start'])
  })

  it('are gone when they are settled', async () => {
    const db = await memoryDatabase()
    await addEffects(db, 'a', [{ kind: 'start', attempt: 1 }], 0)
    await settleEffect(db, 1)
    expect(await claimEffects(db, 5000, LEASE)).toEqual([])
  })

  it('wait when they are given back', async () => {
    const db = await memoryDatabase()
    await addEffects(db, 'a', [{ kind: 'start', attempt: 1 }], 0)
    await claimEffects(db, 0, LEASE)
    await returnEffect(db, 1, 500)
    expect(await claimEffects(db, 499, LEASE)).toEqual([])
    expect(kinds(await claimEffects(db, 500, LEASE))).toEqual(['start'])
  })

  it('of a process that is gone are free at once', async () => {
    const db = await memoryDatabase()
    await addEffects(db, 'a', [{ kind: 'start', attempt: 1 }], 0)
    await claimEffects(db, 0, LEASE)
    await releaseClaims(db)
    expect(kinds(await claimEffects(db, 1, LEASE))).toEqual(['start'])
  })

  it('of a kind that only another version knows are left to it', async () => {
    const db = await memoryDatabase()
    const row = { recording_id: 'a', attempt: 1, created_at: 0, claimed_until: 0 }
    await db
      .insertInto('effects')
      .values([
        { ...row, kind: 'juggle' },
        { ...row, kind: 'stop' },
      ])
      .execute()
    expect(kinds(await claimEffects(db, 0, { ...LEASE, limit: 1 }))).toEqual(['stop'])
    expect(
      await db.selectFrom('effects').select('claimed_until').where('kind', '=', 'juggle').execute(),
    ).toEqual([{ claimed_until: 0 }])
  })
})
