import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createDelivery, FAILED, type Names, setUp } from '../docComments/client.ts'
import type { Stage } from '../docComments/stage.ts'
import { installPacked, machinesNode } from '../installPacked.ts'

// The client as it is published: compiled, without its sources, under the Node of the machine, with a reporter.

const run = promisify(execFile)

let folder: string
let dependencies: Record<string, string>
let reporter: Stage & { names: Names }

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'client-'))
  dependencies = await installPacked('client', folder)
  reporter = await setUp()
})
afterAll(async () => {
  await reporter?.close()
  await rm(folder, { recursive: true, force: true })
})

const PROGRAM = `
import { createClient, receive, StillrollingError } from '@stillrolling/client'
const { url, apiKey, headers, body, secrets } = JSON.parse(process.argv[2])
const client = createClient({ url, apiKey })
const events = client.followEvents({}, { lastEventId: '0' })
const { id } = await client.startRecording({ url: 'https://app.example.com/room/42' })
const { value } = await events.next()
await events.return()
await client.stopRecording(id)
const ids = []
for await (const each of client.listRecordings({ limit: 1 })) ids.push(each.id === id)
const refused = await client.restartRecording(id).catch((error) => error instanceof StillrollingError && error.code)
const delivery = await receive({ headers, body }, secrets)
console.log(JSON.stringify([value.recording.id === id, ids, refused, delivery.type]))
`

test('the packed package works alone, and depends on nothing', async () => {
  expect(dependencies).toEqual({})
  await writeFile(join(folder, 'main.mjs'), PROGRAM)
  const { request, secrets } = createDelivery(FAILED)
  const { url, apiKey } = reporter.names
  const input = {
    url,
    apiKey,
    secrets,
    headers: Object.fromEntries(request.headers),
    body: await request.text(),
  }
  const { stdout } = await run(await machinesNode(), ['main.mjs', JSON.stringify(input)], { cwd: folder })
  expect(JSON.parse(stdout)).toEqual([true, [true], 'recording_stopped', 'recording.failed'])
})

test('its types need nothing but those of the web', async () => {
  await writeFile(
    join(folder, 'main.mts'),
    await readFile(join(import.meta.dirname, 'readmeNames.ts'), 'utf8'),
  )
  const options = {
    strict: true,
    noEmit: true,
    module: 'nodenext',
    target: 'es2022',
    lib: ['es2023', 'dom'],
    types: [],
  }
  const config = { compilerOptions: options, include: ['main.mts'] }
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(config))
  const tsc = join(import.meta.dirname, '../../node_modules/typescript/bin/tsc')
  const { stdout } = await run(process.execPath, [tsc, '--project', folder, '--skipLibCheck', 'false'])
  expect(stdout).toBe('')
})
