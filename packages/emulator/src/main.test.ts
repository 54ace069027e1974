import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { afterEach, expect, test } from 'vitest'

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url))
/** Starting Node and loading the emulator takes about 1 s on an idle machine. */
const TIMEOUT_MS = 30_000

let child: ChildProcess | null = null
let server: Server | null = null
afterEach(() => {
  child?.kill('SIGKILL')
  server?.close()
})

/** Runs the command line until it exits. */
const run = async (...args: string[]) => {
  const spawned = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  child = spawned
  const [stdout, stderr, [exitCode]] = await Promise.all([
    text(spawned.stdout),
    text(spawned.stderr),
    once(spawned, 'exit'),
  ])
  return { exitCode, stdout, stderr }
}

const portInUse = async (): Promise<number> => {
  server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

test('--help prints the flags and exits with 0', { timeout: TIMEOUT_MS }, async () => {
  const { exitCode, stdout, stderr } = await run('--help')
  expect([exitCode, stderr]).toEqual([0, ''])
  expect(stdout).toContain('--notify-secret <text>')
})

test.each([
  [['--prot=1'], '--prot is not a flag (did you mean --port?).'],
  [['--port', 'x'], '--port must be a whole number from 0 to 65535.'],
])('%j prints one sentence and exits with 2', { timeout: TIMEOUT_MS }, async (args, reason) => {
  expect(await run(...args)).toEqual({
    exitCode: 2,
    stdout: '',
    stderr: `The emulator did not start: ${reason} --help lists the flags.\n`,
  })
})

test.each([
  [
    ['--ffmpeg', '/nowhere/ffmpeg'],
    'recording needs ffmpeg, and /nowhere/ffmpeg is not an executable file. Install ffmpeg (',
  ],
  [['--no-browser'], 'recordings show the pages of a browser: leave out --no-browser, or --record.'],
])('--record with %j prints what to do and exits with 2', { timeout: TIMEOUT_MS }, async (args, reason) => {
  const { exitCode, stdout, stderr } = await run('--port', '0', '--record', tmpdir(), ...args)
  expect([exitCode, stdout]).toEqual([2, ''])
  expect(stderr).toContain(`The emulator did not start: ${reason}`)
  expect(stderr.trim().split('\n')).toHaveLength(1)
})

test('a port in use prints what to do and exits with 1', { timeout: TIMEOUT_MS }, async () => {
  const port = await portInUse()
  expect(await run('--port', String(port))).toEqual({
    exitCode: 1,
    stdout: '',
    stderr: `The emulator did not start: port ${port} is in use. Choose another one with --port, or any free one with --port 0.\n`,
  })
})

test('an address of another machine prints what to do and exits with 1', {
  timeout: TIMEOUT_MS,
}, async () => {
  const { exitCode, stderr } = await run('--port', '0', '--host', '192.0.2.1')
  expect(exitCode).toBe(1)
  expect(stderr).toBe(
    'The emulator did not start: cannot listen on 192.0.2.1 (EADDRNOTAVAIL). Choose an address of this machine with --host.\n',
  )
})
