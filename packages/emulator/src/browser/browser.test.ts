import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { systemClock } from '../clock.ts'
import {
  CREDENTIALS,
  createTestBench,
  pageTasks,
  type StartChanges,
  startTask,
  type TestBench,
} from '../testing/client.ts'
import { type PageServer, servePages } from '../testing/pages.ts'
import { alive, chromiumBelow } from '../testing/processes.ts'
import { type Receiver, startReceiver } from '../testing/receiver.ts'
import type { PageTaskView } from '../types.ts'
import { findExecutable } from './findExecutable.ts'

// Real clock, real Chromium: the tests wait in real time, for readyTimeout whole seconds.

const PAGES = {
  '/ticks': `<script>setInterval(() => report('tick ' + innerWidth + 'x' + innerHeight), 50)</script>`,
  '/ready': '<script>navigator.notifyReady()</script>',
  '/store': `<script>report(localStorage.seen ?? 'new'); localStorage.seen = 'seen'</script>`,
  '/native': `<script>
    const { notifyReady } = navigator
    try { notifyReady() } catch (error) { report(error.name + ' ' + error.message) }
    report(Object.keys(globalThis).filter((key) => /ready/i.test(key)).length)
  </script>`,
  '/kind': `<script>report(performance.getEntriesByType('navigation')[0].type)</script>`,
}

const WAIT = { timeout: 10_000, interval: 20 }

let pages: PageServer
let receiver: Receiver
let bench: TestBench

beforeAll(async () => {
  pages = await servePages(PAGES)
  receiver = await startReceiver()
})
afterAll(async () => {
  await pages.close()
  await receiver.close()
})
beforeEach(async () => {
  pages.reports.length = 0
  receiver.received.length = 0
  const notifications = { url: receiver.url, secret: 'secret' }
  bench = await createTestBench({
    browser: true,
    openDelay: 0,
    exitDelay: 0,
    clock: systemClock,
    notifications,
  })
})
afterEach(() => bench.emulator.close())

const run = (path: string, { web, ...changes }: StartChanges = {}) =>
  bench.run({ ...changes, web: { url: pages.url + path, videoWidth: 640, videoHeight: 360, ...web } })

const task = (sid: string): PageTaskView => {
  const found = pageTasks(bench.emulator).find((candidate) => candidate.sid === sid)
  if (!found) throw new Error(`no task ${sid}`)
  return found
}
const state = (sid: string, expected: PageTaskView['state']) =>
  expect.poll(() => task(sid).state, WAIT).toBe(expected)
const notified = (...types: number[]) =>
  expect.poll(() => receiver.received.map(({ eventType }) => eventType), WAIT).toEqual(types)
const reported = (text: string) => expect.poll(() => pages.reports, WAIT).toContain(text)

describe('the page', () => {
  test('is opened at the size of the recording', async () => {
    const { sid } = await run('/ticks')
    await reported('tick 640x360')
    await state(sid, 'recording')
    expect(task(sid)).toMatchObject({ page: 'open', status: 5 })
  })

  test('does not share storage with the page of another task', async () => {
    await run('/store', { uid: '1' })
    await expect.poll(() => pages.reports, WAIT).toEqual(['new'])
    await run('/store', { uid: '2' })
    await expect.poll(() => pages.reports, WAIT).toEqual(['new', 'new'])
  })

  test('has navigator.notifyReady like a native method, and no other trace of it', async () => {
    await run('/native')
    await reported('TypeError Illegal invocation')
    await reported('0')
  })

  test('is closed when the task stops', async () => {
    const running = await run('/ticks')
    await reported('tick 640x360')
    await bench.on(running, 'stop')
    await state(running.sid, 'ended')
    const pagesOpen = chromiumBelow(process.pid).filter(({ command }) => command.includes('--type=renderer'))
    await expect.poll(() => alive(pagesOpen.map(({ pid }) => pid)), WAIT).toEqual([])
  })
})

describe('readyTimeout', () => {
  test('is satisfied by a page that calls notifyReady', async () => {
    const { sid } = await run('/ready', { web: { readyTimeout: 30 } })
    await state(sid, 'recording')
    expect(task(sid)).toMatchObject({ ready: true, reloads: 0 })
    await notified(40, 70)
  })

  test('reloads the page with event 73, then stops with event 71 code 4', async () => {
    const { sid } = await run('/kind', { web: { readyTimeout: 2 } })
    await notified(40, 73, 71, 11)
    expect(pages.reports).toEqual(['navigate', 'reload'])
    expect(task(sid)).toMatchObject({ reloads: 1, stop: { code: 4, message: 'page_load_timeout' } })
  })
})

test.each([
  ['its port is closed', 'http://127.0.0.1:9/'],
  ['its name does not resolve', 'http://nowhere.invalid/'],
])('a URL that is unreachable because %s ends the task with event 71 code 5', async (_, url) => {
  const { sid } = await run('', { web: { url } })
  await notified(40, 71, 11)
  expect(task(sid).stop).toEqual({ code: 5, message: 'access_url_failed' })
  expect(receiver.received[1]?.payload.details.details).toContain('net::ERR_')
})

describe('the command', () => {
  /** The number of ticks reported in half a second. */
  const ticks = async (): Promise<number> => {
    pages.reports.length = 0
    await new Promise((resolve) => setTimeout(resolve, 500))
    return pages.reports.length
  }

  const renderers = () =>
    chromiumBelow(process.pid).filter(({ command }) => command.includes('--type=renderer'))

  test('killPage kills the renderer; the task keeps recording and sends no notification', async () => {
    const { sid } = await run('/ticks')
    await reported('tick 640x360')
    const before = renderers().map(({ pid }) => pid)
    await bench.emulator.runCommand(sid, { do: 'killPage' })
    expect(alive(before).length).toBeLessThan(before.length)
    expect(await ticks()).toBe(0)
    expect(task(sid)).toMatchObject({ page: 'crashed', state: 'recording', status: 5 })
    await notified(40, 70)
  })

  test('killPage does not affect the pages of other tasks', async () => {
    const [one, two] = [await run('/ready', { uid: '1' }), await run('/ticks', { uid: '2' })]
    await state(one.sid, 'recording')
    await reported('tick 640x360')
    await bench.emulator.runCommand(one.sid, { do: 'killPage' })
    expect(await ticks()).toBeGreaterThan(3)
    expect(task(two.sid).page).toBe('open')
  })

  test('freezePage halts the page; the task keeps recording and can be stopped', async () => {
    const running = await run('/ticks')
    await reported('tick 640x360')
    await bench.emulator.runCommand(running.sid, { do: 'freezePage' })
    expect(await ticks()).toBe(0)
    expect(task(running.sid)).toMatchObject({ page: 'frozen', state: 'recording' })
    expect((await bench.on(running, 'stop')).status).toBe(200)
  })

  test('cutOffPage takes only that page offline; the task keeps recording', async () => {
    const cut = await run('/ticks', { uid: '1', web: { videoWidth: 320 } })
    await run('/ticks', { uid: '2' })
    await reported('tick 320x360')
    await reported('tick 640x360')
    await bench.emulator.runCommand(cut.sid, { do: 'cutOffPage' })
    expect(await ticks()).toBeGreaterThan(3)
    expect(pages.reports).not.toContain('tick 320x360')
    expect(task(cut.sid)).toMatchObject({ page: 'open', state: 'recording' })
  })
})

test('a browser that dies ends its tasks with event 71 code 6, and the next task gets a new browser', async () => {
  const { sid } = await run('/ticks', { uid: '1' })
  await reported('tick 640x360')
  const main = chromiumBelow(process.pid).find(({ parent }) => parent === process.pid)
  process.kill(main?.pid ?? 0, 'SIGKILL')
  await notified(40, 70, 71, 11)
  expect(task(sid).stop).toEqual({ code: 6, message: 'recorder_error' })
  const next = await run('/ticks', { uid: '2' })
  await state(next.sid, 'recording')
})

describe('no browser process is left', () => {
  test('after close, even with a frozen page', async () => {
    const { sid } = await run('/ticks')
    await reported('tick 640x360')
    await bench.emulator.runCommand(sid, { do: 'freezePage' })
    const before = chromiumBelow(process.pid).map(({ pid }) => pid)
    expect(before.length).toBeGreaterThan(2)
    await bench.emulator.close()
    await expect.poll(() => alive(before), WAIT).toEqual([])
    expect(chromiumBelow(process.pid)).toEqual([])
  })

  test('after close while the browser is being launched', async () => {
    await run('/ticks')
    await bench.emulator.close()
    await expect.poll(() => chromiumBelow(process.pid), WAIT).toEqual([])
  })

  describe('after a signal to another process', () => {
    let child: ChildProcess
    let output: string
    let folder: string

    /** Runs a program in a child process, with a temp folder of its own for files that a killed browser leaves. */
    const launch = async (program: URL, ...args: string[]) => {
      folder = await mkdtemp(join(tmpdir(), 'emulator-test-'))
      const browser = await findExecutable()
      const env = { ...process.env, ...browser.env, TMPDIR: folder, CHROMIUM_PATH: browser.path }
      child = spawn(process.execPath, [fileURLToPath(program), ...args], {
        env,
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      output = ''
      child.stdout?.on('data', (chunk) => {
        output += chunk
      })
    }
    const printed = (text: string) => expect.poll(() => output, WAIT).toContain(text)
    const chromiumOfChild = () => {
      const pids = chromiumBelow(child.pid ?? 0).map(({ pid }) => pid)
      expect(pids.length).toBeGreaterThan(2)
      return pids
    }

    afterEach(async () => {
      child.kill('SIGKILL')
      await rm(folder, { recursive: true, force: true, maxRetries: 5 })
    })

    test.each(['SIGTERM', 'SIGKILL'] as const)('that embeds the emulator: %s', async (signal) => {
      await launch(new URL('../testing/runTask.ts', import.meta.url), `${pages.url}/ticks`)
      await printed('recording')
      const before = chromiumOfChild()
      child.kill(signal)
      await once(child, 'exit')
      await expect.poll(() => alive(before), WAIT).toEqual([])
    })

    test.each(['SIGINT', 'SIGTERM'] as const)(
      'that runs the command line, which exits with 0: %s',
      async (signal) => {
        const { appId, customerId, customerSecret } = CREDENTIALS
        const ids = ['--app-id', appId, '--customer-id', customerId, '--customer-secret', customerSecret]
        await launch(new URL('../main.ts', import.meta.url), '--port', '0', '--open-delay', '0', ...ids)
        await printed('Press Ctrl-C to stop')
        expect(output).not.toContain(customerSecret)
        const url = /base URL +(\S+)/.exec(output)?.[1] ?? ''
        await startTask(url, { web: { url: `${pages.url}/ticks` } })
        await printed('page opened')
        const before = chromiumOfChild()
        child.kill(signal)
        expect(await once(child, 'exit')).toEqual([0, null])
        await expect.poll(() => alive(before), WAIT).toEqual([])
      },
    )
  })
})
