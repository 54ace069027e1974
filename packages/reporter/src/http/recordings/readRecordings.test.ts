import { sql } from 'kysely'
import { describe, expect, test } from 'vitest'
import { expectProblem } from '../../testing/expectProblem.ts'
import { createHarness, REQUEST } from '../../testing/harness.ts'
import type { RecordingSummary } from './recordingSummary.ts'
import type { RecordingView } from './recordingView.ts'

interface Page<Item> {
  items: Item[]
  next: string | null
}

describe('GET /v1/recordings', () => {
  test('lists newest first, page by page', async () => {
    const harness = await createHarness()
    for (const id of ['a', 'b', 'c', 'd', 'e']) {
      await harness.create({ id })
      if (id !== 'c') harness.jump(1)
    }
    const seen: string[][] = []
    for (let before = ''; ; ) {
      const response = await harness.api('GET', `/v1/recordings?limit=2${before}`)
      const { items, next } = (await response.json()) as Page<RecordingSummary>
      seen.push(items.map(({ id }) => id))
      if (next === null) break
      before = `&before=${next}`
    }
    expect(seen).toEqual([['e', 'd'], ['c', 'b'], ['a']])
  })

  test('goes on after a recording that was pruned since its page was read', async () => {
    const harness = await createHarness()
    for (const id of ['a', 'b', 'c']) {
      await harness.create({ id })
      harness.jump(1)
    }
    const read = async (query: string): Promise<Page<RecordingSummary>> =>
      (await (await harness.api('GET', `/v1/recordings?limit=2${query}`)).json()) as Page<RecordingSummary>
    const { items, next } = await read('')
    expect(items.at(-1)?.id).toBe('b')
    await harness.db.deleteFrom('recordings').where('id', '=', 'b').execute()
    expect((await read(`&before=${next}`)).items.map(({ id }) => id)).toEqual(['a'])
  })

  test('filters by state', async () => {
    const harness = await createHarness()
    await harness.rolling({ id: 'rolling' })
    await harness.create({ id: 'loading' })
    const list = async (state: string): Promise<string[]> => {
      const response = await harness.api('GET', `/v1/recordings?state=${state}`)
      return ((await response.json()) as Page<RecordingSummary>).items.map(({ id }) => id)
    }
    expect(await list('rolling')).toEqual(['rolling'])
    expect(await list('loading')).toEqual(['loading'])
    expect(await list('failed')).toEqual([])
  })

  test('filters by several states, the kind, attention, labels and text, all of which must fit', async () => {
    const harness = await createHarness()
    await harness.rolling({ id: 'lesson1', labels: { course: '7b', 'room.name': 'Große Aula' } })
    await harness.create({ id: 'lesson2', labels: { course: '7b' } })
    await harness.create({ id: 'exam' })
    const list = async (query: string): Promise<string[]> => {
      const response = await harness.api('GET', `/v1/recordings?${query}`)
      return ((await response.json()) as Page<RecordingSummary>).items.map(({ id }) => id).toSorted()
    }
    expect(await list('state=rolling&state=loading')).toEqual(['exam', 'lesson1', 'lesson2'])
    expect(await list('state=rolling&state=failed')).toEqual(['lesson1'])
    expect(await list('kind=page')).toHaveLength(3)
    expect(await list('kind=channel')).toEqual([])
    expect(await list('attention=true')).toEqual([])
    expect(await list('attention=false')).toHaveLength(3)
    expect(await list('label.course=7b')).toEqual(['lesson1', 'lesson2'])
    expect(await list('label.course=7b&label.room.name=Gro%C3%9Fe+Aula')).toEqual(['lesson1'])
    expect(await list('q=lesson')).toEqual(['lesson1', 'lesson2'])
    expect(await list('q=aula&state=loading')).toEqual([])
    const response = await harness.api('GET', '/v1/recordings?q=aula')
    const { items } = (await response.json()) as Page<RecordingSummary>
    expect(items[0]?.labels).toEqual({ course: '7b', 'room.name': 'Große Aula' })
    expect((await harness.recording('exam')).labels).toEqual({})
  })

  test.each([
    'state=rolling,loading',
    'state=rolling&state=gone',
    'kind=both',
    'attention=1',
    'q=',
    'label.=7b',
    'label.-a=7b',
    'label.course=',
    'label.course=7a&label.course=7b',
    'labels=7b',
    'course=7b',
    'before=1.a&before=1.b',
    'state=gone',
  ])('refuses %s', async (query) => {
    const harness = await createHarness()
    const response = await harness.api('GET', `/v1/recordings?${query}`)
    const { errors = [] } = await expectProblem(response, 422, 'invalid_request')
    expect(errors.map(({ path }) => path.replace(/\.\d$/, ''))).toEqual([query.split('=')[0]])
  })

  test.each(['limit=0', 'limit=abc', 'limit=501', 'limit=', 'before=class42', 'before=1.-b'])(
    'refuses %s',
    async (query) => {
      const harness = await createHarness()
      const response = await harness.api('GET', `/v1/recordings?${query}`)
      expect((await expectProblem(response, 422)).errors?.[0]?.path).toBe(query.split('=')[0])
    },
  )

  test('lists the other recordings when one row cannot be read, and logs its id', async () => {
    const harness = await createHarness()
    await harness.create({ id: 'good' })
    await harness.create({ id: 'damaged' })
    await sql`update recordings set body = 'junk' where id = 'damaged'`.execute(harness.db)
    const response = await harness.api('GET', '/v1/recordings')
    expect(((await response.json()) as Page<RecordingSummary>).items.map(({ id }) => id)).toEqual(['good'])
    expect(harness.log().at(-1)).toMatchObject({
      msg: 'The list omits a recording whose row cannot be read',
      err: { message: expect.stringContaining('damaged') },
    })
  })
})

describe('GET /v1/recordings/:id', () => {
  test('shows the attempts and deadlines, including heartbeats that are not stored yet', async () => {
    const harness = await createHarness()
    await harness.rolling()
    harness.jump(7)
    await harness.report({ type: 'heartbeat' })
    expect(await harness.recording()).toMatchObject({
      state: 'rolling',
      deadlines: { beatBy: '2026-01-01T00:00:37.000Z' },
      attempts: [
        {
          number: 1,
          state: 'current',
          uid: '900001',
          resourceId: 'resource1',
          sid: 'sid1',
          loadedAt: '2026-01-01T00:00:00.000Z',
          lastBeatAt: '2026-01-01T00:00:07.000Z',
          endReason: null,
        },
      ],
    })
    const list = (await (await harness.api('GET', '/v1/recordings')).json()) as Page<RecordingSummary>
    expect(list.items).toEqual([
      {
        ...{ id: REQUEST.id, kind: 'page', url: REQUEST.url, channel: null, labels: {}, metadata: {} },
        ...{ createdAt: '2026-01-01T00:00:00.000Z' },
        ...{ desired: 'running', paused: false, state: 'rolling', reason: null, gaveUp: null },
        ...{ attention: [], nextAttemptAt: null, attemptCount: 1, standby: null },
        current: {
          number: 1,
          sid: 'sid1',
          startedAt: '2026-01-01T00:00:00.000Z',
          loadedAt: '2026-01-01T00:00:00.000Z',
          lastBeatAt: '2026-01-01T00:00:07.000Z',
        },
      },
    ])
  })

  test('shows all of the request, with defaults', async () => {
    const harness = await createHarness()
    const request = {
      ...REQUEST,
      ...{ video: { width: 1920, height: 1080, fps: 30 }, audioProfile: 2, maxRecordingHour: 12 },
      ...{ avFileType: ['hls', 'mp4'], storage: 'default', expect: ['#board'], media: [{ media: 'video' }] },
      ...{ labels: { course: '7b' }, metadata: { teacher: 'ada' } },
    }
    expect(await harness.create(request)).toMatchObject(request)
    expect(await harness.create({ id: 'plain' })).toMatchObject({
      ...{ video: { width: 1280, height: 720 }, audioProfile: 0, maxRecordingHour: 3, avFileType: ['hls'] },
      ...{ storage: 'default', expect: [], media: [], labels: {}, metadata: {} },
    })
  })

  test('says with updatedAt and version when the recording was stored last, which no heartbeat changes', async () => {
    const harness = await createHarness()
    const created = await harness.create()
    await harness.drainEffects()
    await harness.pass(10)
    await harness.report({ type: 'hello' })
    const opened = await harness.recording()
    expect(opened.version).toBeGreaterThan(created.version)
    expect(opened.updatedAt).toBe('2026-01-01T00:00:10.000Z')
    await harness.report({ type: 'loaded' })
    const { updatedAt, version } = await harness.recording()
    for (let beat = 1; beat <= 3; beat += 1) {
      await harness.pass(10)
      await harness.report({ type: 'heartbeat' })
    }
    expect(await harness.recording()).toMatchObject({ updatedAt, version })
    await harness.pass(1)
    const stopped = (await (await harness.api('POST', '/v1/recordings/class42/stop')).json()) as RecordingView
    expect(stopped).toMatchObject({ updatedAt: '2026-01-01T00:00:41.000Z', version: version + 1 })
  })

  test.each([
    ['GET', ''],
    ['GET', '/timeline'],
    ['POST', '/stop'],
    ['POST', '/restart'],
  ])('%s …%s answers 404 to an unknown id', async (method, suffix) => {
    const harness = await createHarness()
    const response = await harness.api(method, `/v1/recordings/unknown${suffix}`)
    expect((await expectProblem(response, 404)).detail).toContain('"unknown"')
  })
})
