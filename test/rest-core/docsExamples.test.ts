import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInProcessEmulator, type InProcessEmulator } from '@stillrolling/emulator'
import {
  type CloudRecording,
  createCloudRecording,
  signNotification,
  type TaskAddress,
} from '@stillrolling/rest-core'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import * as examples from './docsExamples.ts'
import { credentials } from './kit.ts'
import { createSimulatedTime, type SimulatedTime } from './simulatedTime.ts'

const task: TaskAddress = { resourceId: 'unknown', sid: 'unknown', mode: 'web' }

let time: SimulatedTime
let emulator: InProcessEmulator
let client: CloudRecording

beforeEach(() => {
  time = createSimulatedTime()
  emulator = createInProcessEmulator({ ...credentials, browser: false, clock: time })
  client = createCloudRecording({ ...credentials, fetch: emulator.fetch, clock: time })
})

afterEach(async () => {
  vi.restoreAllMocks()
  await emulator.close()
})

test('a client is created, and one that has a share of the quota', async () => {
  const warn = vi.spyOn(console, 'warn').mockReturnValue()
  const created = examples.createExample(credentials, emulator.fetch)
  await expect(created.query(task)).rejects.toThrow('query')
  expect(warn).toHaveBeenCalledOnce()
  expect(Object.keys(examples.shareExample(credentials))).toContain('acquire')
})

test('a recording is started, confirmed, watched and stopped', async () => {
  const save = vi.fn(async () => {})
  const clientRequest = examples.requestExample({ accessKey: 'key', secretKey: 'secret' })
  const started = await time.run(examples.startExample(client, clientRequest, { save }))
  expect(save).toHaveBeenCalledWith({ resourceId: started?.resourceId, acquiredAt: expect.any(Number) })
  if (!started) throw new Error('not started')
  expect(await time.run(examples.confirmExample(client, started))).toEqual(['confirmed', 'alive'])
  expect(await time.run(examples.stopExample(client, started))).toBe('stopped')
})

test('what is not known is stored', async () => {
  emulator.injectFault({ on: 'call', call: 'start', then: { status: 206, code: 65 }, times: 100 })
  const save = vi.fn(async () => {})
  const clientRequest = examples.requestExample({ accessKey: 'key', secretKey: 'secret' })
  expect(await time.run(examples.startExample(client, clientRequest, { save }))).toBeUndefined()
  expect(save).toHaveBeenLastCalledWith(expect.objectContaining({ outcome: 'unknown' }))
})

test('an error says what it knows', async () => {
  expect(await examples.errorsExample(client, task)).toBe(
    'query on api.agora.io: 404/404 is notFound, after 1 tries',
  )
})

test('a notification is taken if it is signed', async () => {
  const info = vi.spyOn(console, 'info').mockReturnValue()
  const body = JSON.stringify({
    noticeId: 'n1',
    productId: 3,
    eventType: 71,
    notifyMs: 1,
    payload: {
      cname: 'class42',
      uid: '900001',
      sid: 's1',
      sequence: 3,
      sendts: 1,
      serviceType: 6,
      details: { msgName: 'web_recorder_stopped', code: 6, message: 'recorder_error', details: '' },
    },
  })
  const send = (headers: Record<string, string>): Promise<Response> =>
    examples.notificationExample(new Request('https://example.com', { method: 'POST', body, headers }), [
      'secret',
    ])
  expect((await send({ ...signNotification(body, 'secret') })).status).toBe(200)
  expect(info).toHaveBeenCalledWith('stopped with code', 6)
  expect((await send({ ...signNotification(body, 'other') })).status).toBe(401)
})

test('files are named as Agora names them', () => {
  expect(examples.filesExample('sid1')).toEqual(['class42/sid1_room-42.m3u8', 'class42/sid1_room-42_0.mp4'])
})

const lines = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')

test('the page shows every example as it is here', async () => {
  const [page, source] = await Promise.all([
    readFile(join(import.meta.dirname, '../../docs/rest-core.md'), 'utf8'),
    readFile(join(import.meta.dirname, 'docsExamples.ts'), 'utf8'),
  ])
  const shown = [...page.matchAll(/```ts\n(.*?)```/gs)].map(([, block = '']) => lines(block))
  const here = [...source.matchAll(/\/\/ example: \w+\n(.*?)\/\/ end\n/gs)].map(([, block = '']) =>
    lines(block),
  )
  expect(shown).toEqual(here)
})
