import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { insert, memoryDatabase } from '../testing/database.ts'
import { attemptsOf } from '../testing/stores.ts'
import { loadSettledAttempt, readSettledAttempts, saveSettledAttempts } from './attempts.ts'
import { UnreadableRowError } from './errors.ts'
import { loadRecording } from './recordings.ts'
import { BODY_VERSION } from './upcast.ts'

const withSettled = async () => {
  const db = await memoryDatabase()
  const attempts = attemptsOf('a', ['sid1', 'sid2', 'sid3'])
  await insert(db, 'a', { attempts: attempts.slice(2), attemptCount: 3 })
  await saveSettledAttempts(db, 'a', attempts.slice(0, 2))
  return { db, attempts }
}

test('a settled attempt has the version of a body, and is read as a newer version wrote it', async () => {
  const { db, attempts } = await withSettled()
  const { rows } = await sql<{ settled: string }>`select settled from attempts where number = 1`.execute(db)
  expect(JSON.parse(rows[0]?.settled ?? '')).toMatchObject({ bodyVersion: BODY_VERSION, number: 1 })
  await sql`update attempts set settled =
    json_set(settled, '$.later', 1, '$.bodyVersion', ${BODY_VERSION + 1}) where number = 1`.execute(db)
  expect(await loadSettledAttempt(db, 'a', 1)).toEqual(attempts[0])
})

test.each(['junk', '{}', 'null', '{"bodyVersion":2,"number":"1"}'])(
  'a settled attempt whose row is %s is an error, and neither the others nor the recording are',
  async (text) => {
    const { db, attempts } = await withSettled()
    await sql`update attempts set settled = ${text} where number = 1`.execute(db)
    await expect(loadSettledAttempt(db, 'a', 1)).rejects.toThrow(UnreadableRowError)
    await expect(loadSettledAttempt(db, 'a', 1)).rejects.toThrow(/a, attempt 1 cannot be read/)
    const [newest, oldest] = await readSettledAttempts(db, 'a', { limit: 9 })
    expect(newest).toEqual(attempts[1])
    expect(oldest).toBeInstanceOf(UnreadableRowError)
    expect((await loadRecording(db, 'a'))?.recording.attempts).toEqual(attempts.slice(2))
  },
)
