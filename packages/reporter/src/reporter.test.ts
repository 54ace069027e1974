import { expect, onTestFinished, test } from 'vitest'
import { createLog } from './log.ts'
import { startReporter } from './reporter.ts'
import { migrate } from './store/migrate.ts'
import { openSqlite } from './store/sqlite/openSqlite.ts'
import { createSqliteStore } from './store/sqlite/sqliteStore.ts'
import { databaseFile } from './testing/database.ts'
import { config } from './testing/harness.ts'
import { attemptsOf, insertInto } from './testing/stores.ts'

/** A database of a reporter that ended an hour ago. */
const databaseWith = async (recordings: number): Promise<string> => {
  const file = databaseFile()
  const db = openSqlite(file)
  await migrate(db)
  const store = createSqliteStore(db)
  await store.writeTick(Date.now() - 3_600_000)
  const ids = Array.from({ length: recordings }, (_, index) => `r${index}`)
  const insertAll = ids.map((id) =>
    store.transaction(async (operations) => {
      const attempts = attemptsOf(id, [`sid-${id}`]).map((attempt) => ({
        ...attempt,
        state: 'current' as const,
      }))
      await insertInto({ ...store, ...operations }, id, { state: 'rolling', attempts })
    }),
  )
  await Promise.all(insertAll)
  await db.destroy()
  return file
}

test('decides on no recording when it takes them up after a downtime, and says how many they are', async () => {
  const file = await databaseWith(1000)
  const lines: { recordingId?: string }[] = []
  const log = createLog('trace', { write: (line) => void lines.push(JSON.parse(line)) })
  const reporter = await startReporter({ ...config, databaseFile: file }, log)
  onTestFinished(reporter.close)
  expect(lines[0]).toMatchObject({ database: file, recordings: 1000 })
  expect(lines.filter(({ recordingId }) => recordingId !== undefined)).toEqual([])
})

test('answers who waits for a state when it ends, and frees those who have gone', async () => {
  const file = await databaseWith(1)
  const reporter = await startReporter({ ...config, databaseFile: file }, createLog('silent'))
  const url = `${reporter.url}/v1/recordings/r0?waitFor=failed&timeout=120`
  const headers = { authorization: `Bearer ${config.apiKeys[0]}` }
  const gone = new AbortController()
  const leaving = fetch(url, { headers, signal: gone.signal })
  const waiting = fetch(url, { headers })
  // Answered later than the others have begun to wait.
  await fetch(`${reporter.url}/v1/recordings/r0`, { headers })
  gone.abort()
  await expect(leaving).rejects.toThrow('aborted')
  const [answer] = await Promise.all([waiting, reporter.close()])
  expect(answer.status).toBe(200)
  expect(await answer.json()).toMatchObject({ id: 'r0', state: 'rolling' })
  // It would be cut only after 2 s otherwise.
  expect(answer.headers.get('connection')).toBe('close')
})
