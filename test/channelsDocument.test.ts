import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { freePort } from '@stillrolling/examples/testbed'
import type { RecordingView, TimelineView } from '@stillrolling/reporter'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ROOT, readDocuments, shellBlocksOf } from './documentedCommands.ts'
import { runCommand, stillAlive, until } from './runScript.ts'
import { createShell } from './shell.ts'

/* docs/channels.md, as a reader does it: two commands, and then the requests, one block after the other. */

const document = readDocuments().find(({ file }) => file === 'docs/channels.md')
const blocks = shellBlocksOf(document ?? { file: '', lines: [] })
const [emulatorBlock = '', reporterBlock = '', ...requestBlocks] = blocks

const shell = createShell()
afterAll(() => shell.remove())

const ports = { emulator: 0, reporter: 0 }
beforeAll(async () => {
  ports.emulator = await freePort()
  ports.reporter = await freePort()
})

const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  scripts: Record<string, string>
}

/** With these ports, and Node itself in place of pnpm: the same script, without what it builds. */
const asScript = (block: string): string =>
  block
    .replaceAll('127.0.0.1:8787', `127.0.0.1:${ports.emulator}`)
    .replaceAll('127.0.0.1:8080', `127.0.0.1:${ports.reporter}`)
    .replace(/^npx -y pnpm@12 (\w+)/m, (_, name: string) => {
      const [, file = ''] = scripts[name]?.match(/node (\S+)$/) ?? []
      return `exec '${process.execPath}' '${join(ROOT, file)}'`
    })

const start = (block: string, flags: string, variables: Record<string, string>) =>
  runCommand('sh', ['-eu', '-c', `${asScript(block).trimEnd()} ${flags}`], {
    env: { ...shell.environment(), ...variables },
    cwd: shell.home,
  })

const ask = async <Answer>(path: string): Promise<Answer> =>
  (await fetch(`http://127.0.0.1:${ports.reporter}/v1/recordings/${path}`)).json() as Promise<Answer>

test('each block of the document works', async () => {
  expect(requestBlocks).toHaveLength(4)
  const emulator = start(emulatorBlock, `--port ${ports.emulator}`, {})
  await until(() => emulator.output.out.includes(`127.0.0.1:${ports.emulator}`), 30)
  const reporter = start(reporterBlock, '', { PORT: String(ports.reporter) })
  const ready = () => fetch(`http://127.0.0.1:${ports.reporter}/readyz`).catch(() => undefined)
  await expect.poll(async () => (await ready())?.status, { timeout: 30_000 }).toBe(200)

  // The blocks share their variables, as in one terminal.
  const [record = '', fail = '', wait = '', change = ''] = requestBlocks.map(asScript)
  expect(shell.run(record)).toMatchObject({ status: 0, stderr: '' })
  expect(await ask<RecordingView>('lesson7')).toMatchObject({ state: 'rolling', attemptCount: 1 })
  expect((await ask<RecordingView>('lesson7')).files).toMatchObject([{ status: 'predicted' }])

  const variables = record.match(/^REPORTER=.*\n/m)?.[0] ?? ''
  expect(shell.run(variables + fail)).toMatchObject({ status: 0, stderr: '' })
  const lesson7 = await ask<RecordingView>('lesson7')
  expect(lesson7).toMatchObject({ desired: 'stopped', attemptCount: 2 })
  const { items } = await ask<{ items: TimelineView[] }>('lesson7/timeline')
  expect(items.map(({ code }) => code)).toContain('attempt.failed')

  const control = fail.match(/^EMULATOR=.*\n/m)?.[0] ?? ''
  const waited = shell.run(variables + control + wait)
  expect(waited).toMatchObject({ status: 0, stderr: '' })
  expect(waited.stdout).toContain('"state":"paused"')
  expect(await ask<RecordingView>('lesson8')).toMatchObject({ desired: 'stopped', attemptCount: 2 })

  const changed = shell.run(variables + change)
  expect(changed).toMatchObject({ status: 0, stderr: '' })
  // Both changes, before the stop and in its answer.
  expect(changed.stdout.match(/"status":"applied"/g)).toHaveLength(4)

  for (const { child } of [reporter, emulator]) child.kill('SIGTERM')
  expect(await reporter.exit, reporter.output.out + reporter.output.err).toBe(0)
  expect(await emulator.exit, emulator.output.out + emulator.output.err).toBe(0)
  expect(await stillAlive(new Set([...reporter.started, ...emulator.started]))).toEqual([])
})
