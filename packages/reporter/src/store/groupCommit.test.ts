import { sql } from 'kysely'
import { describe, expect, test } from 'vitest'
import { memoryDatabase } from '../testing/database.ts'
import { createGroupCommit } from './groupCommit.ts'
import { readTick, writeTick } from './ticks.ts'

describe('transactions that are asked for at the same time', () => {
  test('are written by one commit, in their order, and told of it only then', async () => {
    const db = await memoryDatabase()
    const inGroup = createGroupCommit(db)
    const story: string[] = []
    const write = async (name: string): Promise<void> => {
      await inGroup(async () => {
        story.push(`${name} runs`)
      })
      story.push(`${name} is told`)
    }
    await Promise.all([write('one'), write('two')])
    await write('three')
    expect(story).toEqual([
      'one runs',
      'two runs',
      'one is told',
      'two is told',
      'three runs',
      'three is told',
    ])
  })

  test('see what those before them have done', async () => {
    const inGroup = createGroupCommit(await memoryDatabase())
    const [, seen] = await Promise.all([inGroup((trx) => writeTick(trx, 7)), inGroup(readTick)])
    expect(seen).toBe(7)
  })

  test('fail alone: what one has written is undone, and the others stay', async () => {
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

  test('fail together when the database undoes all of them, and later ones are written again', async () => {
    const db = await memoryDatabase()
    const inGroup = createGroupCommit(db)
    await inGroup((trx) => writeTick(trx, 1))
    // As a full disk does: SQLite ends the transaction by itself.
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
