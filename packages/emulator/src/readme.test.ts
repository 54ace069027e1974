import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { shellBlocksOf } from '../../../test/documentedCommands.ts'
import { startEmulator } from './startEmulator.ts'
import { decode, FFMPEG } from './testing/ffmpeg.ts'
import { servePages } from './testing/pages.ts'
import type { Emulator } from './types.ts'

// Runs the README's blocks of shell that use curl, against an emulator with the command line's default settings.

const README = await readFile(new URL('../README.md', import.meta.url), 'utf8')
const CURL = fileURLToPath(new URL('../../../test/curlCommand.ts', import.meta.url))
const DEFAULTS = { appId: 'emulator', customerId: 'emulator', customerSecret: 'emulator' }
const DEFAULT_URL = 'http://127.0.0.1:8787'

const blocks = shellBlocksOf({ file: 'README.md', lines: README.split('\n') })

/** The one block that contains this text. */
const blockWith = (part: string): string => {
  const found = blocks.filter((block) => block.includes(part))
  if (found.length !== 1) throw new Error(`${found.length} blocks contain ${part}`)
  return found[0] ?? ''
}

let folder: string
let emulator: Emulator

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'emulator-readme-'))
  // A machine may lack curl. The stand-in fails unless the answer is a success.
  await writeFile(
    join(folder, 'curl'),
    `#!/bin/sh\nNODE_USE_ENV_PROXY=1 exec '${process.execPath}' '${CURL}' "$@"\n`,
    {
      mode: 0o755,
    },
  )
})
afterAll(() => rm(folder, { recursive: true, force: true }))
beforeEach(async () => {
  emulator = await startEmulator({ ...DEFAULTS, browser: false })
})
afterEach(() => emulator.close())

const runShell = async (script: string) => {
  const shell = spawn('sh', ['-eu', '-c', script.replaceAll(DEFAULT_URL, emulator.url)], {
    env: { HOME: folder, PATH: `${folder}:${process.env.PATH}` },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const [stdout, stderr, [exitCode]] = await Promise.all([
    text(shell.stdout),
    text(shell.stderr),
    once(shell, 'exit'),
  ])
  return { exitCode, stdout, stderr }
}

const SUCCESS = { exitCode: 0, stderr: '' }

test('every block that uses curl is run by a test of this file', () => {
  const run = [
    blockWith('AGORA='),
    blockWith('CLOUD='),
    blockWith('API='),
    blockWith('--cacert'),
    blockWith('C='),
  ]
  expect(blocks.filter((block) => block.includes('curl '))).toEqual(run)
})

test('the requests that start a task start one', async () => {
  expect(await runShell(blockWith('AGORA='))).toMatchObject(SUCCESS)
  await expect
    .poll(() => emulator.tasks())
    .toMatchObject([{ state: 'recording', url: 'https://example.com/' }])
})

test('a channel is recorded, and its files are named', async () => {
  await emulator.close()
  emulator = await startEmulator({ ...DEFAULTS, browser: false, users: 1, fileDelay: 0.1 })
  const { stdout, ...outcome } = await runShell(blockWith('CLOUD=').replace('sleep 20', 'sleep 0.5'))
  expect(outcome).toEqual(SUCCESS)
  expect(emulator.channels()).toMatchObject([{ cname: 'room', users: ['1', '2'] }])
  const [task] = emulator.tasks()
  expect(task).toMatchObject({ mode: 'mix', cname: 'room', state: 'ended' })
  expect(stdout.match(new RegExp(`"fileList":"${task?.sid}_room.m3u8"`, 'g'))).toHaveLength(2)
})

test('a page is recorded, and the answer to the stop lists its files', async () => {
  const pages = await servePages({ '/': '<body style="background: red">' })
  await emulator.close()
  const directory = join(folder, 'recordings')
  emulator = await startEmulator({ ...DEFAULTS, openDelay: 0, record: { directory, ffmpeg: FFMPEG } })
  const script = blockWith('API=').replace('https://example.com/', pages.url).replace('sleep 45', 'sleep 3')
  const { stdout, ...ended } = await runShell(script)
  await pages.close()
  expect(ended).toEqual(SUCCESS)
  const names = [...stdout.matchAll(/"filename":"([^"]+)"/g)].map(([, name = '']) => name)
  expect(names).toEqual([
    expect.stringMatching(/^class42\/\w+_lesson\.m3u8$/),
    expect.stringMatching(/_lesson_0\.mp4$/),
  ])
  for (const name of names) expect(decode(join(directory, name)).errors).toBe('')
})

test('the request to Agora itself is answered by the emulator, through the proxy', async () => {
  await emulator.close()
  const tlsFolder = join(folder, '.stillrolling/emulator')
  emulator = await startEmulator({ ...DEFAULTS, browser: false, tls: { folder: tlsFolder } })
  const { stdout, ...outcome } = await runShell(blockWith('--cacert'))
  expect(outcome).toEqual(SUCCESS)
  expect(JSON.parse(stdout)).toMatchObject({ cname: 'class42', resourceId: expect.any(String) })
})

test('the faults and the commands are accepted, in their order', async () => {
  await runShell(blockWith('AGORA='))
  await expect.poll(() => emulator.tasks()).toMatchObject([{ state: 'recording' }])
  expect(await runShell(blockWith('C='))).toMatchObject(SUCCESS)
  expect(emulator.faults()).toHaveLength(6)
  expect(emulator.tasks()).toMatchObject([{ stop: { code: 6 }, uploads: 'failing' }])
})
