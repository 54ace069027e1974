import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '@stillrolling/examples/testbed'
import { beforeAll, describe, expect, test } from 'vitest'
import {
  reporterEnvironment,
  SIGTERM_WHILE_LOADING,
} from '../packages/reporter/src/testing/reporterProcess.ts'
import { ROOT, readDocuments } from './documentedCommands.ts'
import { startTask } from './emulatorTask.ts'
import { type RunningScript, runCommand, stillAlive, until } from './runScript.ts'

/** The commands that start a process without npx, which does not pass signals on, and where each is documented. */
const documented = readDocuments()
  .filter(({ file }) => file.endsWith('.md'))
  .flatMap(({ file, lines }) =>
    [...lines.join('\n').matchAll(/(?<=[=\s/])node_modules\/\.bin\/node packages\/\S+\.ts/g)].map(
      ([command]) => ({
        file,
        command,
      }),
    ),
  )

const startOf = (name: string): string =>
  documented.find(({ command }) => command.includes(`/${name}/`))?.command ?? ''

const start = (command: string, env: Record<string, string>, nodeArguments: string[] = []): RunningScript => {
  const [program = '', ...args] = command.split(' ')
  return runCommand(program, [...nodeArguments, ...args], {
    cwd: ROOT,
    env: { PATH: process.env.PATH, ...env },
  })
}

test.each(['README.md', 'docs/configuration.md', 'packages/emulator/README.md'])(
  '%s says how to start a process that a service manager can signal',
  (page) => {
    expect(documented.map(({ file }) => file)).toContain(page)
  },
)

describe('the documented start of the reporter', () => {
  let env: Record<string, string>
  beforeAll(async () => {
    const folder = await mkdtemp(join(tmpdir(), 'stillrolling-'))
    env = reporterEnvironment({ port: await freePort(), file: join(folder, 'stillrolling.db') })
    return () => rm(folder, { recursive: true, force: true })
  })

  test.each(['SIGTERM', 'SIGINT'] as const)(
    'ends in order at %s, and the next start takes over',
    async (signal) => {
      for (let starts = 0; starts < 2; starts += 1) {
        const { child, output, exit, started } = start(startOf('reporter'), env)
        await until(() => /listens on/.test(output.out), 30)
        child.kill(signal)
        expect(await exit, output.out + output.err).toBe(0)
        expect(output.err).toBe('')
        expect(await stillAlive(started)).toEqual([])
      }
    },
  )
})

describe('the documented start of the emulator', () => {
  const Env = { EMULATOR_PORT: '0', EMULATOR_OPEN_DELAY: '0', CHROMIUM_PATH: process.env.CHROMIUM_PATH ?? '' }

  test.each(['SIGTERM', 'SIGINT'] as const)('ends in order at %s, with its browser', async (signal) => {
    const { child, output, exit, started } = start(startOf('emulator'), Env)
    await until(() => /http:\/\/127/.test(output.out), 30)
    await startTask(/http:\/\/127\.0\.0\.1:\d+/.exec(output.out)?.[0] ?? '')
    await until(() => started.size > 0, 30)
    child.kill(signal)
    expect(await exit, output.out + output.err).toBe(0)
    expect(output.err).toBe('')
    expect(await stillAlive(started)).toEqual([])
  })

  test('ends in order at a signal while it loads', async () => {
    const { output, exit } = start(startOf('emulator'), Env, ['--import', SIGTERM_WHILE_LOADING])
    expect(await exit).toBe(0)
    expect(output).toEqual({ out: '', err: '' })
  })
})
