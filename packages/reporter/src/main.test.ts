import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { databaseFile } from './testing/database.ts'
import { reporterEnvironment, SIGTERM_WHILE_LOADING } from './testing/reporterProcess.ts'

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url))
const TIMEOUT_MS = 30_000
const WAIT = { timeout: TIMEOUT_MS, interval: 1 }

let child: ChildProcess | undefined

afterEach(() => {
  child?.kill('SIGKILL')
})

const start = (file: string, nodeArguments: string[] = [], env: Record<string, string> = {}) => {
  const spawned = spawn(process.execPath, [...nodeArguments, MAIN], {
    env: { ...reporterEnvironment({ port: 0, file }), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  child = spawned
  let stdout = ''
  spawned.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    stdout += chunk
  })
  const ended = Promise.all([text(spawned.stderr), once(spawned, 'close')])
  return {
    kill: (signal: NodeJS.Signals = 'SIGTERM') => spawned.kill(signal),
    /** Waits until the log has a line that matches. @returns the first group */
    logged: (pattern: RegExp) =>
      vi.waitFor(() => {
        const match = pattern.exec(stdout)
        if (!match) throw new Error(`Not logged yet: ${stdout}`)
        return match[1] ?? ''
      }, WAIT),
    ended: async () => {
      const [stderr, [code, signal]] = await ended
      return { stdout, stderr, code, signal }
    },
  }
}

test('a signal while the process loads ends it in order, before it opens the database', {
  timeout: TIMEOUT_MS,
}, async () => {
  const file = databaseFile()
  const { ended } = start(file, ['--import', SIGTERM_WHILE_LOADING])
  expect(await ended()).toEqual({ stdout: '', stderr: '', code: 0, signal: null })
  expect(existsSync(file)).toBe(false)
})

test('a signal while the reporter starts ends it in order', { timeout: TIMEOUT_MS }, async () => {
  const file = databaseFile()
  const { kill, ended } = start(file)
  await vi.waitFor(() => expect(existsSync(file)).toBe(true), WAIT)
  kill()
  expect(await ended()).toMatchObject({ stderr: '', code: 0, signal: null })
})

test('a second signal ends the process immediately', { timeout: TIMEOUT_MS }, async () => {
  const { kill, logged, ended } = start(databaseFile())
  const port = Number(await logged(/listens on http:\/\/127\.0\.0\.1:(\d+)/))
  // The close waits for this request.
  const socket = connect(port, '127.0.0.1').on('error', () => {})
  onTestFinished(() => void socket.destroy())
  socket.write('POST /v1/reports HTTP/1.1\r\nhost: reporter\r\ncontent-length: 9\r\n\r\n')
  await once(socket, 'ready')
  kill()
  await logged(/Stillrolling ends/)
  kill()
  expect(await ended()).toMatchObject({ code: 1, signal: null })
})

describe('with a SHUTDOWN_DELAY', () => {
  test('it goes on after SIGTERM, while /readyz and each response say that it ends, until a second one', {
    timeout: TIMEOUT_MS,
  }, async () => {
    const { kill, logged, ended } = start(databaseFile(), [], { SHUTDOWN_DELAY: '300' })
    const url = await logged(/listens on (http:[^"]*)"/)
    const before = await fetch(`${url}/healthz`)
    expect(before.headers.get('connection')).toBe('keep-alive')
    kill()
    await logged(/ends in 300 s/)
    const ready = await fetch(`${url}/readyz`)
    expect(ready.status).toBe(503)
    expect(await ready.json()).toMatchObject({
      checks: { process: { ok: false, detail: 'is shutting down' } },
    })
    const alive = await fetch(`${url}/healthz`)
    expect([alive.status, alive.headers.get('connection')]).toEqual([200, 'close'])
    kill()
    expect(await ended()).toMatchObject({ code: 1, signal: null })
  })

  test('it ends in order when the delay is over', { timeout: TIMEOUT_MS }, async () => {
    const { kill, logged, ended } = start(databaseFile(), [], { SHUTDOWN_DELAY: '0.1' })
    await logged(/listens on (http:[^"]*)"/)
    kill()
    const { stdout, ...end } = await ended()
    expect(end).toEqual({ stderr: '', code: 0, signal: null })
    expect(stdout).toMatch(/ends in 0\.1 s[\s\S]*recordings go on and are supervised again/)
  })

  test('Ctrl-C ends it without the delay', { timeout: TIMEOUT_MS }, async () => {
    const { kill, logged, ended } = start(databaseFile(), [], { SHUTDOWN_DELAY: '300' })
    await logged(/listens on (http:[^"]*)"/)
    kill('SIGINT')
    expect(await ended()).toMatchObject({ stderr: '', code: 0, signal: null })
  })
})
