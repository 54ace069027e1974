import { describe, expect, test } from 'vitest'
import type { StorageProfile } from '../../storageProfile.ts'
import { createHarness, type Harness } from '../../testing/harness.ts'
import { predictFiles } from './predictFiles.ts'

const CHANNEL = {
  id: 'lesson7',
  kind: 'channel',
  mode: 'mix',
  channel: 'lesson.7',
  recordingConfig: { channelType: 1 },
}
const PAGE = { id: 'lesson7', url: 'https://page.test/' }
const PROFILE: StorageProfile = {
  ...{ vendor: 1, region: 0, bucket: 'recordings', accessKey: 'key', secretKey: 'secret' },
  fileNamePrefix: ['school'],
}
const UNREADY = { status: 200, json: { serverResponse: { status: 5, extensionServiceState: [] } } }

const started = async (body: object): Promise<Harness> => {
  const harness = await createHarness({ storageProfiles: { default: PROFILE } })
  harness.agora.always('query', UNREADY)
  await harness.create(body as Record<string, unknown>)
  return harness
}

describe('the files of a running attempt', () => {
  const Mp4 = ['hls', 'mp4']
  const playlist = (cname: string) => `school/lesson7/a1/sid1_${cname}.m3u8`
  test.each<[string, object, string[]]>([
    ['page', { ...PAGE }, [playlist('lesson7')]],
    [
      'page with MP4',
      { ...PAGE, avFileType: Mp4 },
      [playlist('lesson7'), 'school/lesson7/a1/sid1_lesson7_0.mp4'],
    ],
    ['mix', { ...CHANNEL, url: undefined }, [playlist('lesson-7')]],
    [
      'mix with MP4',
      { ...CHANNEL, url: undefined, recordingFileConfig: { avFileType: Mp4 } },
      [playlist('lesson-7'), 'school/lesson7/a1/sid1_lesson-7_0.mp4'],
    ],
    ['individual', { ...CHANNEL, url: undefined, mode: 'individual' }, []],
  ])('of a %s are predicted as soon as the sid is known', async (_what, body, names) => {
    const harness = await started(body)
    const expected = names.map((name) => ({ name, attempt: 1, status: 'predicted', upload: 'unknown' }))
    const { files, attempts } = await harness.recording('lesson7')
    expect(files).toEqual(expected.map((file) => ({ ...file, standby: false })))
    expect(attempts[0]?.files).toEqual(expected)
    const list = await (await harness.api('GET', '/v1/recordings/lesson7/attempts')).json()
    expect(list).toMatchObject({ items: [{ files: expected }] })
  })

  test('are confirmed once Agora names them', async () => {
    const harness = await started({ ...CHANNEL, url: undefined, recordingFileConfig: { avFileType: Mp4 } })
    const name = playlist('lesson-7')
    harness.agora.always('query', {
      status: 200,
      json: { serverResponse: { status: 5, fileListMode: 'string', fileList: name } },
    })
    await harness.pass(10)
    expect((await harness.recording('lesson7')).files).toMatchObject([
      { name, status: 'confirmed' },
      { name: 'school/lesson7/a1/sid1_lesson-7_0.mp4', status: 'predicted' },
    ])
  })
})

describe('the files of an attempt', () => {
  test('are not predicted before its sid is known', async () => {
    const harness = await createHarness()
    harness.agora.always('start', { status: 400, json: { code: 406, reason: 'vendor overload' } })
    await harness.create()
    expect((await harness.recording()).files).toEqual([])
  })

  test('are not predicted if it has ended before Agora recorded anything', async () => {
    const harness = await started(PAGE)
    await harness.api('POST', '/v1/recordings/lesson7/stop')
    await harness.drainEffects()
    const { state, files } = await harness.recording('lesson7')
    expect({ state, files }).toEqual({ state: 'stopped', files: [] })
  })

  test('are not predicted any more once Agora has listed none for fileTimeout, or the attempt has ended', async () => {
    const harness = await started({ ...PAGE, policy: { fileTimeout: 20 } })
    harness.agora.always('query', {
      status: 200,
      json: { serverResponse: { status: 5, extensionServiceState: [] } },
    })
    await harness.pass(10)
    expect((await harness.recording('lesson7')).files).toMatchObject([{ status: 'predicted' }])
    await harness.pass(60)
    const { attention, files } = await harness.recording('lesson7')
    expect(attention).toMatchObject([{ code: 'no_files' }])
    expect(files).toEqual([])
  })

  test('are not predicted without the storage profile, which has their path', async () => {
    const harness = await started(PAGE)
    const stored = await harness.parts.engine.load('lesson7')
    const [attempt] = stored?.recording.attempts ?? []
    if (!stored || !attempt) throw new Error('an attempt')
    expect(predictFiles(stored, {})(attempt)).toEqual([])
    expect(predictFiles(stored, { default: PROFILE })(attempt)).toHaveLength(1)
  })
})
