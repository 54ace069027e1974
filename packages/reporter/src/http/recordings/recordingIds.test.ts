import { describe, expect, test } from 'vitest'
import { expectProblem } from '../../testing/expectProblem.ts'
import { createHarness, notification, REQUEST } from '../../testing/harness.ts'

const UUID = '550e8400-e29b-41d4-a716-446655440000'
const PROFILE = { vendor: 1, region: 0, bucket: 'recordings', accessKey: 'key', secretKey: 'secret' } as const

describe('a recording whose id has dashes and underscores', () => {
  test.each([
    [UUID, '550e8400e29b41d4a716446655440000/x8444', UUID],
    ['class_42', 'class42/xF', 'class-42'],
  ])('%s has files in %s, and a view that says so', async (id, folder, inNames) => {
    const storageProfiles = { default: { ...PROFILE, fileNamePrefix: ['eu'] } }
    const harness = await createHarness({ storageProfiles })
    const recording = await harness.create({ id, standby: true })
    const path = `eu/${folder}`
    expect(recording).toMatchObject({ id, folder: path })
    expect(await harness.recording(`${id}~standby`)).toMatchObject({ folder: `${path}/standby` })
    const starts = harness.agora.sent.filter(({ call }) => call === 'start')
    expect(starts).toMatchObject([
      {
        body: { cname: id, clientRequest: { storageConfig: { fileNamePrefix: [...path.split('/'), 'a1'] } } },
      },
      {
        body: {
          cname: id,
          clientRequest: { storageConfig: { fileNamePrefix: [...path.split('/'), 'standby', 'a1'] } },
        },
      },
    ])
    expect(recording.files.map(({ name }) => name)).toEqual([
      `${path}/a1/sid1_${inNames}.m3u8`,
      `${path}/standby/a1/sid2_${inNames}.m3u8`,
    ])
  })

  test('is found by reports, by notifications and by its id', async () => {
    const harness = await createHarness()
    await harness.rolling({ id: UUID })
    expect((await harness.recording(UUID)).state).toBe('rolling')
    const stopped = { eventType: 71, details: { code: 6 } }
    expect((await harness.notify(notification(stopped, { cname: UUID, sid: undefined }))).status).toBe(200)
    expect((await harness.recording(UUID)).attempts[0]?.endReason?.code).toBe('stopped_by_agora')
    const { items } = (await (await harness.api('GET', '/v1/recordings?q=550E8400-')).json()) as {
      items: { id: string }[]
    }
    expect(items.map(({ id }) => id)).toEqual([UUID])
    expect((await harness.api('POST', `/v1/recordings/${UUID}/stop`)).status).toBe(200)
  })

  test('is in the pages of a list', async () => {
    const harness = await createHarness()
    const ids = ['a-1', 'a_1', 'a1', UUID]
    for (const id of ids) await harness.create({ id })
    const found: string[] = []
    let before = ''
    do {
      const page = await harness.api('GET', `/v1/recordings?limit=1${before && `&before=${before}`}`)
      const { items, next } = (await page.json()) as { items: { id: string }[]; next: string | null }
      found.push(...items.map(({ id }) => id))
      before = next ?? ''
    } while (before !== '')
    expect(found.toSorted()).toEqual(ids.toSorted())
  })

  test('is another one than that with the same letters: they share neither files nor tokens', async () => {
    const harness = await createHarness()
    const folders = []
    for (const id of ['a1', 'a-1', 'a_1', 'a1_', 'a1-']) folders.push((await harness.create({ id })).folder)
    expect(new Set(folders).size).toBe(folders.length)
    const token = await harness.token({ recordingId: 'a-1' })
    expect((await harness.report({ token, type: 'hello' })).status).toBe(200)
    expect((await harness.recording('a-1')).attempts[0]?.lastBeatAt).not.toBeNull()
    for (const id of ['a1', 'a_1', 'a1_', 'a1-']) {
      expect((await harness.recording(id)).attempts[0]?.lastBeatAt).toBeNull()
    }
  })
})

test.each(['-a', '_a', 'a.b', 'a~standby', 'a b', 'ä', 'a'.repeat(65), ''])(
  'the id "%s" is refused',
  async (id) => {
    const harness = await createHarness()
    const problem = await expectProblem(await harness.api('POST', '/v1/recordings', { ...REQUEST, id }), 422)
    expect(problem.errors).toMatchObject([{ path: 'id' }])
  },
)

test('the folder is unknown once the storage profile is not configured any more', async () => {
  const profiles = { default: PROFILE, archive: PROFILE }
  const harness = await createHarness({ storageProfiles: profiles })
  expect(await harness.create({ storage: 'archive' })).toMatchObject({ folder: 'class42' })
  const later = await createHarness({ storageProfiles: { default: PROFILE } }, { db: harness.db })
  expect(await later.recording()).toMatchObject({ folder: null })
})
