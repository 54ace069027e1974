import { createServer } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { createLog } from './log.ts'
import { startReporter } from './reporter.ts'
import { migrate } from './store/migrate.ts'
import { openSqlite } from './store/sqlite.ts'
import { createSqlStore } from './store/sqlStore.ts'
import { databaseFile } from './testing/database.ts'
import { config } from './testing/harness.ts'
import { attemptsOf, insertInto } from './testing/stores.ts'

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })

/** A database of a reporter that ended an hour ago. */
const databaseWith = async (recordings: number): Promise<string> => {
  const file = databaseFile()
  const db = openSqlite(file)
  await migrate(db)
  const store = createSqlStore(db)
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

test('listens before it has taken up its recordings', async () => {
  const [file, port] = [await databaseWith(1000), await freePort()]
  const starting = startReporter({ ...config, databaseFile: file, port }, createLog('silent'))
  onTestFinished(async () => (await starting).close())
  const get = async (path: string): Promise<Response | undefined> =>
    fetch(`http://127.0.0.1:${port}${path}`, {
      headers: { authorization: `Bearer ${config.apiKeys[0]}` },
    }).catch(() => undefined)
  const codes = async (): Promise<string[] | undefined> => {
    const timeline = await get('/v1/recordings/r999/timeline')
    const { items } = ((await timeline?.json()) ?? {}) as { items?: { code: string }[] }
    return items?.map(({ code }) => code)
  }
  await expect.poll(codes, { interval: 5 }).toEqual([])
  expect((await get('/readyz'))?.status).toBe(503)
  await starting
  expect(await codes()).toEqual(['reporter.returned'])
})
