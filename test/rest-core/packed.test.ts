import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type Emulator, startEmulator } from '@stillrolling/emulator'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { installPacked, machinesNode } from '../installPacked.ts'
import { credentials, requestFor } from './kit.ts'

const run = promisify(execFile)

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
  const dependencies = await installPacked('rest-core', folder)
  expect(Object.values(dependencies).filter((range) => /workspace:|catalog:|link:/.test(range))).toEqual([])

  await writeFile(join(folder, 'main.mjs'), program)
  const identity = { cname: 'class42', uid: '900001' }
  const options = { ...credentials, baseUrls: [emulator.url] }
  const input = JSON.stringify({ options, identity, request: requestFor('https://page.example.com') })
  const { stdout } = await run(await machinesNode(), ['main.mjs', input], { cwd: folder })
  expect(JSON.parse(stdout)).toEqual(['started', 'stopped'])
  expect(emulator.requests().map(({ call }) => call)).toEqual(['acquire', 'start', 'stop'])
})
