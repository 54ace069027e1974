import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { startEmulator } from '../startEmulator.ts'
import { CREDENTIALS } from '../testing/client.ts'
import { FFMPEG } from '../testing/ffmpeg.ts'
import type { Emulator } from '../types.ts'

let folder: string
let emulator: Emulator

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'files-app-'))
  const directory = join(folder, 'recordings')
  await mkdir(join(directory, 'class42', 'a1'), { recursive: true })
  await mkdir(join(directory, '.unfinished', 'sid'), { recursive: true })
  await writeFile(join(folder, 'outside.mp4'), 'a secret')
  await writeFile(join(directory, '.unfinished', 'sid', 'slice.ts'), 'half')
  await writeFile(join(directory, 'class42', 'a1', 'x.m3u8'), '#EXTM3U\n')
  await writeFile(join(directory, 'class42', 'a1', 'x_0.mp4'), '0123456789')
  await writeFile(join(directory, 'class42', 'a1', 'x_20260101120000000.ts'), 'slice')
  await writeFile(join(directory, 'Klasse 5ä "<b>".mp4'), 'odd')
  await mkdir(join(directory, 'node_modules', 'player'), { recursive: true })
  await writeFile(join(directory, 'node_modules', 'player', 'demo.mp4'), 'a secret')
  await writeFile(join(directory, 'program.ts'), 'a secret')
  await writeFile(join(directory, 'x.constructor'), 'a secret')
  await writeFile(join(directory, 'notes.html'), '<script>alert(1)</script>')
  emulator = await startEmulator({ ...CREDENTIALS, record: { directory, ffmpeg: FFMPEG } })
})
afterEach(async () => {
  await emulator.close()
  await rm(folder, { recursive: true })
})

/** Sends the path as it is: `fetch` would resolve `..` before. */
const get = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
  new Promise<{ status: number; headers: Record<string, unknown>; body: string }>((resolve, reject) => {
    const { hostname, port } = new URL(emulator.url)
    const call = request({ hostname, port, path, headers, method, agent: false }, async (response) => {
      resolve({ status: response.statusCode ?? 0, headers: response.headers, body: await text(response) })
    })
    call.on('error', reject).end()
  })

test.each([
  ['class42/a1/x.m3u8', 'application/vnd.apple.mpegurl', '#EXTM3U\n'],
  ['class42/a1/x_0.mp4', 'video/mp4', '0123456789'],
  ['class42/a1/x_20260101120000000.ts', 'video/mp2t', 'slice'],
  ['Klasse%205%C3%A4%20%22%3Cb%3E%22.mp4', 'video/mp4', 'odd'],
])('%s is served as %s', async (path, type, body) => {
  const answer = await get(`/_files/${path}`)
  expect([answer.status, answer.body]).toEqual([200, body])
  expect(answer.headers).toMatchObject({
    'content-type': type,
    'content-length': String(body.length),
    'accept-ranges': 'bytes',
    'x-content-type-options': 'nosniff',
  })
})

test.each([
  ['bytes=2-4', 206, '234', 'bytes 2-4/10'],
  ['bytes=8-', 206, '89', 'bytes 8-9/10'],
  ['bytes=-3', 206, '789', 'bytes 7-9/10'],
  ['bytes=5-99', 206, '56789', 'bytes 5-9/10'],
  ['bytes=10-', 416, '', 'bytes */10'],
])('the range %s is answered %i', async (range, status, body, contentRange) => {
  const answer = await get('/_files/class42/a1/x_0.mp4', { range })
  expect([answer.status, answer.body, answer.headers['content-range']]).toEqual([status, body, contentRange])
})

test('HEAD has the length and no body', async () => {
  const { status, headers, body } = await get('/_files/class42/a1/x_0.mp4', {}, 'HEAD')
  expect([status, headers['content-length'], body]).toEqual([200, '10', ''])
})

test.each([
  '/_files/../outside.mp4',
  '/_files/..%2foutside.mp4',
  '/_files/%2e%2e/outside.mp4',
  '/_files/class42/../../outside.mp4',
  '/_files/class42/..%5c..%5coutside.mp4',
  '/_files//etc/passwd',
  '/_files/%00.mp4',
  '/_files/class42/%ff.mp4',
  '/_files/.unfinished/sid/slice.ts',
  '/_files/notes.html',
  '/_files/program.ts',
  '/_files/x.constructor',
  '/_files/node_modules/player/demo.mp4',
  '/_files/%6eode_modules/player/demo.mp4',
  '/_files/class42',
  '/_files/missing.mp4',
])('%s is answered 404', async (path) => {
  const { status, body } = await get(path)
  expect([status, body.includes('secret')]).toEqual([404, false])
})

test.each(['POST', 'PUT', 'DELETE'])('%s changes nothing', async (method) => {
  expect((await get('/_files/class42/a1/x_0.mp4', {}, method)).status).toBe(404)
  expect((await get('/_files/class42/a1/x_0.mp4')).body).toBe('0123456789')
})

test.each(['/_files', '/_files/'])('%s lists the files, with names that are escaped', async (path) => {
  const { status, headers, body } = await get(path)
  expect([status, headers['content-type']]).toEqual([200, 'text/html; charset=UTF-8'])
  expect(body).toContain('<a href="/_files/class42/a1/x_0.mp4">class42/a1/x_0.mp4</a>')
  expect(body).toContain('Klasse 5ä &quot;&lt;b&gt;&quot;.mp4</a>')
  expect(body).not.toMatch(/unfinished|outside|notes|program|constructor|node_modules/)
})

test('the list is empty if the directory has been removed', async () => {
  await rm(join(folder, 'recordings'), { recursive: true })
  const { status, body } = await get('/_files/')
  expect([status, body]).toEqual([200, expect.not.stringContaining('<li>')])
})
