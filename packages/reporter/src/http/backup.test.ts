import { once } from 'node:events'
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { serve } from '@hono/node-server'
import { describe, expect, onTestFinished, test } from 'vitest'
import { BackupError, downloadBackup } from '../downloadBackup.ts'
import { migrate } from '../store/migrate.ts'
import { loadRecording } from '../store/recordings.ts'
import { openSqlite } from '../store/sqlite/openSqlite.ts'
import { databaseFile } from '../testing/database.ts'
import { expectProblem } from '../testing/expectProblem.ts'
import { createHarness, type Harness, SECRETS } from '../testing/harness.ts'

/** Serves the harness's routes on a port. */
const listen = async (harness: Harness): Promise<string> => {
  const server = serve({ fetch: harness.parts.app.fetch, hostname: '127.0.0.1', port: 0 })
  onTestFinished(() => {
    server.close()
  })
  await once(server, 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

describe('POST /v1/backup', () => {
  test('is answered with the database, of which nothing stays on the disk', async () => {
    const harness = await createHarness()
    await harness.rolling()
    const response = await harness.api('POST', '/v1/backup')
    expect(response.status).toBe(200)
    const body = Buffer.from(await response.arrayBuffer())
    expect(response.headers.get('content-type')).toBe('application/vnd.sqlite3')
    expect(response.headers.get('content-length')).toBe(String(body.length))
    expect(body.subarray(0, 15).toString()).toBe('SQLite format 3')
    expect(harness.log()).toContainEqual(expect.objectContaining({ bytes: body.length }))
  })

  test('needs a key', async () => {
    const harness = await createHarness()
    await expectProblem(await harness.request('/v1/backup', { method: 'POST' }), 401)
    const headers = { authorization: 'Bearer wrong-key' }
    await expectProblem(await harness.request('/v1/backup', { method: 'POST', headers }), 401)
  })

  test('is refused while another backup is being made, and after the reporter has begun to close', async () => {
    const harness = await createHarness()
    const [first, second] = await Promise.all([
      harness.api('POST', '/v1/backup'),
      harness.api('POST', '/v1/backup'),
    ])
    expect(first.status).toBe(200)
    await first.body?.cancel()
    await expectProblem(second, 409)
    const third = await harness.api('POST', '/v1/backup')
    expect(third.status).toBe(200)
    await third.body?.cancel()
    await harness.parts.backups.stop()
    await expectProblem(await harness.api('POST', '/v1/backup'), 500)
  })
})

describe('downloadBackup', () => {
  test('replaces the file by a checked database that only its owner may read', async () => {
    const harness = await createHarness()
    await harness.rolling()
    const file = databaseFile()
    writeFileSync(file, 'an older backup')
    const url = await listen(harness)
    const size = await downloadBackup({ url, apiKey: SECRETS.apiKey }, file)
    expect(statSync(file)).toMatchObject({ size, mode: 0o100600 })
    // The one file is all of it: not in the write-ahead mode, which needs a second one.
    expect([...readFileSync(file).subarray(18, 20)]).toEqual([1, 1])
    const copy = openSqlite(file)
    onTestFinished(() => copy.destroy())
    await migrate(copy)
    expect((await loadRecording(copy, 'class42'))?.recording.state).toBe('rolling')
  })

  test('keeps the older file and says why if there is no answer, a refusal or no complete one', async () => {
    const harness = await createHarness()
    const file = databaseFile()
    writeFileSync(file, 'an older backup')
    const url = await listen(harness)
    const download = (to: string, apiKey?: string) => downloadBackup({ url: to, apiKey }, file)
    await expect(download(url, 'wrong')).rejects.toThrow(/answered 401: .*API key/)
    await expect(download('http://127.0.0.1:9')).rejects.toThrow('No reporter answers at http://127.0.0.1:9')
    for (const [answer, message] of [
      ['content-length: 99\r\n\r\nSQLite format 3', 'interrupted'],
      ['content-length: 6\r\n\r\nno db!', 'The backup is damaged: file is not a database. Try again.'],
    ] as const) {
      const server = createServer((socket) => {
        socket.once('data', () => socket.end(`HTTP/1.1 200 OK\r\nconnection: close\r\n${answer}`))
      }).listen(0, '127.0.0.1')
      await once(server, 'listening')
      const error = await download(`http://127.0.0.1:${(server.address() as AddressInfo).port}`).catch(
        (e) => e,
      )
      expect(error).toBeInstanceOf(BackupError)
      expect(error.message).toContain(message)
      server.close()
    }
    expect(readFileSync(file, 'utf8')).toBe('an older backup')
    expect(existsSync(`${file}.partial`)).toBe(false)
  })
})
