import { expect, test } from 'vitest'
import { task } from '../testing/examples.ts'
import { fakeClock } from '../testing/fakeClock.ts'
import { type PlaylistOptions, type PlaylistResult, playlistFromQuery } from './playlistFromQuery.ts'
import { failing, notFound, type Rig, repeated, rig, status, type Timed } from './testing/rig.ts'

const query = async (
  script: Timed[],
  { mode = 'web', ...options }: PlaylistOptions & { mode?: 'web' | 'mix' | 'individual' } = {},
  prepare: (rig: Rig) => void = () => {},
): Promise<{ result: PlaylistResult; times: number[] }> => {
  const set = rig(script)
  prepare(set)
  const result = await set.run(playlistFromQuery(set.client, { ...task, mode }, options))
  return { result, times: set.times }
}

const channel = (fileList: unknown): Timed => ({
  status: 200,
  json: { serverResponse: { status: 5, fileList } },
})

test.each([
  ['web', 15],
  ['mix', 15],
  ['individual', 60],
] as const)('%s mode: the query is sent %d s after the start', async (mode, second) => {
  const { result, times } = await query([status(5, 'a.m3u8', 'a.mp4')], { mode })
  expect(result).toEqual({ outcome: 'files', files: [{ fileName: 'a.m3u8' }, { fileName: 'a.mp4' }] })
  expect(times).toEqual([second])
})

test('the file lists of the RTC modes are read', async () => {
  const names = async (fileList: unknown): Promise<unknown> =>
    (await query([channel(fileList)], { mode: 'mix' })).result
  expect(await names('a.m3u8')).toMatchObject({ outcome: 'files', files: [{ fileName: 'a.m3u8' }] })
  expect(await names([{ fileName: 'b.m3u8', trackType: 'audio' }])).toMatchObject({
    files: [{ fileName: 'b.m3u8', trackType: 'audio' }],
  })
})

test('a second query follows 60 s later; the outcome is none if it names no file either', async () => {
  const found = await query([status(5), status(5, 'a.m3u8')])
  expect(found.result.outcome).toBe('files')
  expect(found.times).toEqual([15, 75])
  expect((await query([status(5), status(5)])).result).toEqual({ outcome: 'none' })
})

test('seconds since the start are subtracted from the wait', async () => {
  expect((await query([status(5, 'a')], { sinceStart: 10 })).times).toEqual([5])
  const clock = fakeClock()
  const { client } = rig([status(5, 'a')], { clock })
  await playlistFromQuery(client, task, { sinceStart: 100 })
  expect(clock.sleeps).toEqual([0])
})

test('a failing query is retried; if the retries fail, the outcome is unknown, not none', async () => {
  const { times } = await query([failing, status(5, 'a')])
  expect(times).toEqual([15, 20])
  const { result } = await query([status(5), ...repeated(4, notFound)])
  expect(result).toMatchObject({ outcome: 'unknown', error: { status: 404 } })
  expect((await query([...repeated(4, notFound), status(5)])).result).toEqual({ outcome: 'none' })
})

test('an abort ends the recipe', async () => {
  const abort = new AbortController()
  const prepare = ({ clock }: Rig): void => clock.at(30, () => abort.abort())
  const { result, times } = await query([status(5)], { signal: abort.signal }, prepare)
  expect(result).toEqual({ outcome: 'unknown' })
  expect(times).toEqual([15])
})
