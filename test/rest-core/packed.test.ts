import { execFile } from 'node:child_process'
import { access, mkdir, mkdtemp, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { type Emulator, startEmulator } from '@stillrolling/emulator'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { credentials, requestFor } from './kit.ts'

const run = promisify(execFile)
const source = join(import.meta.dirname, '../../packages/rest-core')

let folder: string
let emulator: Emulator

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rest-core-'))
  emulator = await startEmulator({ ...credentials, browser: false })
})

afterAll(async () => {
  await emulator.close()
  await rm(folder, { recursive: true, force: true })
})

/** The machine's Node, which users of the package have. Scripts of this workspace find the workspace's Node first. */
const machinesNode = async (): Promise<string> => {
  for (const place of (process.env.PATH ?? '').split(delimiter)) {
    const node = join(place, 'node')
    if (!place.includes('node_modules') && (await exists(node))) return node
  }
  return process.execPath
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )

/** Packs and unpacks the package, and links nothing but the dependencies in its package.json. */
const install = async (): Promise<Record<string, string>> => {
  await run('pnpm', ['build'], { cwd: source })
  const { stdout } = await run('pnpm', ['pack', '--json', '--pack-destination', folder], { cwd: source })
  const { filename } = JSON.parse(stdout.slice(stdout.indexOf('{'))) as { filename: string }
  const place = join(folder, 'node_modules/@stillrolling/rest-core')
  await mkdir(place, { recursive: true })
  await run('tar', [
    '-xzf',
    join(folder, filename.replace(/^.*\//, '')),
    '-C',
    place,
    '--strip-components',
    '1',
  ])
  const { dependencies } = JSON.parse(await readFile(join(place, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>
  }
  for (const name of Object.keys(dependencies)) {
    const link = join(folder, 'node_modules', name)
    await mkdir(dirname(link), { recursive: true })
    await symlink(await realpath(join(source, 'node_modules', name)), link)
  }
  return dependencies
}

const program = `
import { createCloudRecording, startRecording, stopUntilConfirmed } from '@stillrolling/rest-core'
const { options, request, identity } = JSON.parse(process.argv[2])
const client = createCloudRecording(options)
const result = await startRecording(client, { ...identity, clientRequest: request, onResource: async () => {} })
const task = { ...identity, sid: result.sid, resourceId: result.resourceId, mode: 'web' }
const stopped = await stopUntilConfirmed(client, { ...task, clientRequest: { async_stop: true } })
console.log(JSON.stringify([result.outcome, stopped.outcome]))
`

test('the packed package works alone, with only its dependencies, under the Node of the machine', async () => {
  const dependencies = await install()
  expect(Object.values(dependencies).filter((range) => /workspace:|catalog:|link:/.test(range))).toEqual([])

  await writeFile(join(folder, 'main.mjs'), program)
  const identity = { cname: 'class42', uid: '900001' }
  const options = { ...credentials, baseUrls: [emulator.url] }
  const input = JSON.stringify({ options, identity, request: requestFor('https://page.example.com') })
  const { stdout } = await run(await machinesNode(), ['main.mjs', input], { cwd: folder })
  expect(JSON.parse(stdout)).toEqual(['started', 'stopped'])
  expect(emulator.requests().map(({ call }) => call)).toEqual(['acquire', 'start', 'stop'])
})
