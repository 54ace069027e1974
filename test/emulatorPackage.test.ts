import { execFile } from 'node:child_process'
import { copyFile, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, delimiter, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ROOT } from './documentedCommands.ts'
import { startTask } from './emulatorTask.ts'
import { runCommand, stillAlive, until } from './runScript.ts'

// The emulator as somebody gets it who has never seen this repository: a packed package, installed by npm.

const run = promisify(execFile)
const SOURCE = join(ROOT, 'packages/emulator')
const INSTALL_TIMEOUT_MS = 300_000

let folder: string
let tarball: string
let project: string
let env: NodeJS.ProcessEnv

const emptyFolder = async (name: string): Promise<string> => {
  const path = join(folder, name)
  await mkdir(path)
  return path
}

/**
 * An environment with an empty home, the Node of these tests and without what pnpm and the tests set. npm uses the
 * registry that this machine is configured for.
 */
const strangersEnvironment = async (): Promise<NodeJS.ProcessEnv> => {
  const ours = /^(npm_|pnpm_|node_path$|node_options$|vitest|emulator_|chromium_path$)/i
  const { stdout: registry } = await run('npm', ['config', 'get', 'registry'], { cwd: tmpdir() })
  const path = (process.env.PATH ?? '').split(delimiter).filter((place) => !place.includes('node_modules'))
  return {
    ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !ours.test(name))),
    PATH: [dirname(process.execPath), ...path].join(delimiter),
    HOME: await emptyFolder('home'),
    npm_config_registry: registry.trim(),
    npm_config_update_notifier: 'false',
  }
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'emulator-package-'))
  await run('pnpm', ['build'], { cwd: SOURCE })
  const { stdout } = await run('pnpm', ['pack', '--json', '--pack-destination', folder], { cwd: SOURCE })
  const { filename } = JSON.parse(stdout.slice(stdout.indexOf('{'))) as { filename: string }
  tarball = join(folder, basename(filename))
  env = await strangersEnvironment()
  project = await emptyFolder('project')
  await run('npm', ['install', '--no-audit', '--no-fund', tarball], { cwd: project, env })
}, INSTALL_TIMEOUT_MS)

afterAll(() => rm(folder, { recursive: true, force: true }))

test('it needs no other package of this repository', async () => {
  expect(await readdir(join(project, 'node_modules/@stillrolling'))).toEqual(['emulator'])
})

test('npx starts the packed file in an empty folder', { timeout: INSTALL_TIMEOUT_MS }, async () => {
  const cwd = await emptyFolder('empty')
  const name = basename(tarball)
  await copyFile(tarball, join(cwd, name))
  const { stdout } = await run('npx', ['--yes', `./${name}`, '--help'], { cwd, env })
  expect(stdout).toContain('stillrolling-emulator [flags]')
})

test.each(['SIGTERM', 'SIGINT'] as const)(
  'the installed command records a page in Chromium and ends at %s, with every process that it started',
  async (signal) => {
    const { child, output, exit, started } = runCommand(
      join(project, 'node_modules/.bin/stillrolling-emulator'),
      ['--port', '0', '--open-delay', '0', '--tls', '--tls-port', '0'],
      { cwd: project, env },
    )
    await until(() => output.out.includes('/etc/hosts'), 60)
    expect(await readdir(join(folder, 'home/.stillrolling/emulator'))).toContain('ca.pem')
    const url = /http:\/\/127\.0\.0\.1:\d+/.exec(output.out)?.[0] ?? ''
    await startTask(url)
    await until(() => / recording$/m.test(output.out), 60)
    const tasks = (await (await fetch(`${url}/_control/tasks`)).json()) as { state: string; page: string }[]
    expect(tasks).toMatchObject([{ state: 'recording', page: 'open' }])
    await until(() => started.size > 0, 10)
    child.kill(signal)
    expect(await exit, output.out + output.err).toBe(0)
    expect(output.err).toBe('')
    expect(await stillAlive(started)).toEqual([])
  },
)

test('a program can import it', async () => {
  await writeFile(
    join(project, 'program.mjs'),
    `import { startEmulator } from '@stillrolling/emulator'
const emulator = await startEmulator({ appId: 'a', customerId: 'b', customerSecret: 'c', browser: false })
const { status } = await fetch(emulator.url + '/v1/apps/a/cloud_recording/acquire', { method: 'POST' })
await emulator.close()
console.log(status)`,
  )
  const { stdout } = await run(process.execPath, ['program.mjs'], { cwd: project, env })
  expect(stdout).toBe('401\n')
})
