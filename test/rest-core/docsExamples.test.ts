import { createInProcessEmulator, type InProcessEmulator } from '@stillrolling/emulator'
import * as restCore from '@stillrolling/rest-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { markdownSnippets } from '../docComments/markdownSnippets.ts'
import { createSnippetModules, type Snippet, type SnippetModules } from '../docComments/snippets.ts'
import type { Names } from './docsNames.ts'
import { credentials } from './kit.ts'
import { createSimulatedTime, type SimulatedTime } from './simulatedTime.ts'

// Runs the examples of docs/rest-core.md and of the package's README.

const BLOCKS = [
  'create',
  'tracing',
  'share',
  'request',
  'start',
  'unknown',
  'answers',
  'confirm',
  'stop',
  'retry',
  'files',
  'errors',
  'notification',
]

const NAMES = {
  ...credentials,
  credentials,
  fetch: null,
  accessKey: 'key',
  secretKey: 'secret',
  client: null,
  task: { resourceId: 'unknown', sid: 'unknown', mode: 'web' },
  sid: 'sid1',
  seen: null,
  rows: null,
  saveSomewhere: null,
  request: null,
  secrets: ['secret'],
  signal: undefined,
  proxyToken: 'token-of-the-proxy-1',
  startSpan: null,
} satisfies Record<keyof Names, unknown>

let time: SimulatedTime
let emulator: InProcessEmulator
let client: restCore.CloudRecording
let modules: SnippetModules

const save = vi.fn(async () => {})

const run = async (name: string, more: Partial<Names> = {}): Promise<unknown> => {
  const example = await modules.load(name)
  const names = { ...NAMES, client, fetch: emulator.fetch, rows: { save }, saveSomewhere: save, ...more }
  return time.run(example(names))
}

beforeAll(async () => {
  const blocks = await markdownSnippets('docs/rest-core.md')
  const [readme = ''] = await markdownSnippets('packages/rest-core/README.md')
  expect(blocks).toHaveLength(BLOCKS.length)
  const snippets: Snippet[] = blocks.map((code, at) => ({ name: BLOCKS[at] ?? '', code }))
  const codeOf = (name: string): string => snippets.find((each) => each.name === name)?.code ?? ''
  // The request is used by the next blocks.
  const withRequest = snippets.map(({ name, code }) =>
    name === 'start' || name === 'unknown' ? { name, code: `${codeOf('request')}\n${code}` } : { name, code },
  )
  modules = await createSnippetModules([...withRequest, { name: 'readme', code: readme }], {
    packageName: '@stillrolling/rest-core',
    exported: Object.keys(restCore),
    exportedTypes: ['WebStartRequest'],
    namesModule: '../../rest-core/docsNames.ts',
    names: Object.keys(NAMES),
  })
})

afterAll(() => modules?.remove())

beforeEach(() => {
  time = createSimulatedTime()
  emulator = createInProcessEmulator({ ...credentials, browser: false, clock: time })
  client = restCore.createCloudRecording({ ...credentials, fetch: emulator.fetch, clock: time })
  vi.stubGlobal('fetch', emulator.fetch)
})

afterEach(async () => {
  vi.unstubAllGlobals()
  vi.restoreAllMocks()
  save.mockClear()
  await emulator.close()
})

test('the examples have no type errors', async () => {
  expect(await modules.check()).toBe('')
})

test.each(['create', 'tracing', 'share'])('%s', async (name) => {
  await run(name)
})

test('start, confirm and stop: a recording is started, watched and stopped', async () => {
  const started = (await run('start')) as restCore.TaskAddress
  expect(save).toHaveBeenCalledWith({ resourceId: started.resourceId, acquiredAt: expect.any(Number) })
  expect(await run('answers', { task: started })).toEqual([expect.any(Number), undefined, undefined])
  const seen: string[] = []
  await run('confirm', { task: started, seen })
  expect(seen).toEqual(['alive'])
  await run('retry', { task: started })
  await run('stop', { task: started })
  await time.run(time.sleep(10_000))
  expect(emulator.tasks().map(({ state }) => state)).toEqual(['ended'])
})

test('unknown: a field of tomorrow is sent', async () => {
  const sent: string[] = []
  const fetch: typeof globalThis.fetch = (url, init) => {
    sent.push(String(init?.body))
    return emulator.fetch(url, init)
  }
  const watched = restCore.createCloudRecording({ ...credentials, fetch, clock: time })
  expect(await run('unknown', { client: watched })).toBe(emulator.tasks()[0]?.sid)
  expect(JSON.parse(sent[1] ?? '').clientRequest.newField).toEqual({ codec: 'av1' })
})

test('start: an unknown outcome is stored', async () => {
  emulator.injectFault({ on: 'call', call: 'start', then: { status: 206, code: 65 }, times: 100 })
  expect(await run('start')).toBeUndefined()
  expect(save).toHaveBeenLastCalledWith(expect.objectContaining({ outcome: 'unknown' }))
})

test('readme: a recording is started', async () => {
  await run('readme')
  expect(save).toHaveBeenCalledWith(emulator.tasks()[0]?.resourceId)
})

test('errors: an error says what failed', async () => {
  expect(await run('errors')).toBe('query on api.agora.io: 404/404 is notFound, after 1 tries')
})

test('notification: it is accepted if it is signed', async () => {
  const info = vi.spyOn(console, 'info').mockReturnValue()
  const details = { msgName: 'web_recorder_stopped', code: 6, message: 'recorder_error', details: '' }
  const payload = {
    cname: 'class42',
    uid: '900001',
    sid: 's1',
    sequence: 3,
    sendts: 1,
    serviceType: 6,
    details,
  }
  const body = JSON.stringify({ noticeId: 'n1', productId: 3, eventType: 71, notifyMs: 1, payload })
  const send = async (secret: string): Promise<unknown> => {
    const headers = { ...restCore.signNotification(body, secret) }
    const request = new Request('https://example.com', { method: 'POST', body, headers })
    return ((await run('notification', { request })) as Response).status
  }
  expect(await send('secret')).toBe(200)
  expect(info).toHaveBeenCalledWith('stopped with code', 6)
  expect(await send('other')).toBe(401)
})

test('files: they are named as Agora names them', async () => {
  expect(await run('files')).toEqual(['class42/sid1_room-42.m3u8', 'class42/sid1_room-42_0.mp4'])
})
