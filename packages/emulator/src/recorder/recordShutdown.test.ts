import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { findExecutable } from '../browser/findExecutable.ts'
import { startTask } from '../testing/client.ts'
import { decode, FFMPEG } from '../testing/ffmpeg.ts'
import { type PageServer, servePages } from '../testing/pages.ts'
import { alive, descendants } from '../testing/processes.ts'

// The end of the command line while it records.

const WAIT = { timeout: 20_000, interval: 20 }

let pages: PageServer
let directory: string

beforeEach(async () => {
  pages = await servePages({ '/blue': '<body style="background:rgb(20,60,200)">' })
  directory = await mkdtemp(join(tmpdir(), 'record-'))
})
afterEach(async () => {
  await pages.close()
  await rm(directory, { recursive: true })
})

const ffmpegs = ({ pid = 0 }: ChildProcess) =>
  descendants(pid)
    .filter(({ command }) => command.startsWith(FFMPEG))
    .map((found) => found.pid)

const recordings = () => join(directory, 'recordings')
const onDisk = () => readdir(recordings(), { recursive: true })

const kill = (signal: NodeJS.Signals) => (child: ChildProcess) => void child.kill(signal)
/** As Ctrl-C in a terminal: every process of the group gets the signal. */
const interruptGroup = ({ pid = 0 }: ChildProcess) => void process.kill(-pid, 'SIGINT')

test.each([
  { name: 'SIGTERM', end: kill('SIGTERM'), completes: true },
  { name: 'Ctrl-C', end: interruptGroup, completes: true },
  { name: 'SIGKILL', end: kill('SIGKILL'), completes: false },
])('after $name no ffmpeg is left; the files are completed: $completes', async ({ end, completes }) => {
  const browser = await findExecutable()
  const env = {
    ...process.env,
    ...browser.env,
    CHROMIUM_PATH: browser.path,
    FFMPEG_PATH: FFMPEG,
    TMPDIR: directory,
    EMULATOR_APP_ID: 'app',
    EMULATOR_CUSTOMER_ID: 'customer',
    EMULATOR_CUSTOMER_SECRET: 'customer-s3cret',
  }
  const main = fileURLToPath(new URL('../main.ts', import.meta.url))
  const args = [main, '--port', '0', '--open-delay', '0', '--record', recordings()]
  const child: ChildProcess = spawn(process.execPath, args, {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  })
  try {
    let output = ''
    child.stdout?.on('data', (chunk) => {
      output += chunk
    })
    await expect.poll(() => output, WAIT).toContain('Press Ctrl-C to stop')
    const url = /base URL +(\S+)/.exec(output)?.[1] ?? ''
    await startTask(url, { web: { url: `${pages.url}/blue` } })
    await expect.poll(() => ffmpegs(child), WAIT).toHaveLength(1)
    const before = ffmpegs(child)
    // Its first file: it has had a picture.
    await expect.poll(onDisk, WAIT).toContainEqual(expect.stringMatching(/\.unfinished.*slice/))
    end(child)
    await once(child, 'exit')
    await expect.poll(() => alive(before), WAIT).toEqual([])
    const playlists = (await onDisk()).filter((file) => file.endsWith('.m3u8'))
    expect(playlists).toHaveLength(completes ? 1 : 0)
    for (const file of playlists) {
      expect(await readFile(join(recordings(), file), 'utf8')).toContain('#EXT-X-ENDLIST')
      expect(decode(join(recordings(), file)).errors).toBe('')
    }
  } finally {
    child.kill('SIGKILL')
  }
})
