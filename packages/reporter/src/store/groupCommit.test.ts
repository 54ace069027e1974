import { sql } from 'kysely'
import { describe, expect, test } from 'vitest'
import { memoryDatabase } from '../testing/database.ts'
import { createGroupCommit } from './groupCommit.ts'
import { readTick, writeTick } from './ticks.ts'

describe('transactions that are requested at the same time', () => {
  test('share one commit, run in order, and resolve only after it', async () => {
    const db = await memoryDatabase()
    const inGroup = createGroupCommit(db)
    const steps: string[] = []
    const write = async (name: string): Promise<void> => {
      await inGroup(async () => {
        steps.push(`${name} runs`)
      })
      steps.push(`${name} resolves`)
    }
    await Promise.all([write('one'), write('two')])
    await write('three')
    expect(steps).toEqual([
      'one runs',
      'two runs',
      'one resolves',
      'two resolves',
      'three runs',
      'three resolves',
    ])
  })

  test('see the writes of those before them', async () => {
    const inGroup = createGroupCommit(await memoryDatabase())
    const [, seen] = await Promise.all([inGroup((trx) => writeTick(trx, 7)), inGroup(readTick)])
    expect(seen).toBe(7)
  })

  test('fail alone: one is rolled back, and the others are committed', async () => {
    const db = await memoryDatabase()
    const inGroup = createGroupCommit(db)
    const outcomes = await Promise.allSettled([
      inGroup((trx) => writeTick(trx, 1)),
      inGroup(async (trx) => {
        await writeTick(trx, 2)
        throw new Error('no')
      }),
      inGroup(readTick),
    ])
    expect(outcomes).toEqual([
      { status: 'fulfilled', value: undefined },
      { status: 'rejected', reason: new Error('no') },
      { status: 'fulfilled', value: 1 },
    ])
    expect(await readTick(db)).toBe(1)
  })

  test('fail together if the database rolls back the whole group, and later ones succeed', async () => {
    const db = await memoryDatabase()
    const inGroup = createGroupCommit(db)
    await inGroup((trx) => writeTick(trx, 1))
    // Has the effect of a full disk: SQLite ends the transaction itself.
    const [before, ending] = await Promise.allSettled([
      inGroup((trx) => writeTick(trx, 3)),
      inGroup(async (trx) => {
        await sql`insert or rollback into ticks (id, at) values (1, 4)`.execute(trx)
      }),
    ])
    const why = { status: 'rejected', reason: { message: expect.stringContaining('UNIQUE') } }
    expect([before, ending]).toMatchObject([why, why])
    expect(await readTick(db)).toBe(1)
    await inGroup((trx) => writeTick(trx, 5))
    expect(await readTick(db)).toBe(5)
  })
})
