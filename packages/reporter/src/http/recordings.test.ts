import { sql } from 'kysely'
import { describe, expect, it } from 'vitest'
import { expectProblem } from '../testing/expectProblem.ts'
import { createHarness, REQUEST, SECRETS } from '../testing/harness.ts'
import type { RecordingView, TimelineView } from './recordingView.ts'

interface Page<Item> {
  items: Item[]
  next: string | null
}

describe('POST /v1/recordings', () => {
  it('creates a recording, and fills in what was left out', async () => {
    const harness = await createHarness()
    const response = await harness.api('POST', '/v1/recordings', { ...REQUEST, metadata: { course: '7b' } })
    expect(response.status).toBe(201)
    expect(await response.json()).toMatchObject({
      id: 'class42',
      desired: 'running',
      state: 'starting',
      reason: null,
      url: REQUEST.url,
      policy: { loadTimeout: 75, restart: { delays: [0], maxFailures: 5 } },
      metadata: { course: '7b' },
      createdAt: '2026-01-01T00:00:00.000Z',
      attempts: [{ number: 1, state: 'starting', uid: '900001', sid: null }],
      files: [],
    })
    await harness.settle()
    expect(harness.agora.calls()).toEqual(['acquire', 'start'])
  })

  it('asks Agora for the page with its token, and for files that no other attempt overwrites', async () => {
    const harness = await createHarness()
    await harness.create({ url: 'https://page.test/room?name=a%20b#top', video: { width: 640, height: 480 } })
    expect(harness.agora.sent[1]?.body).toMatchObject({
      cname: 'class42',
      uid: '900001',
      clientRequest: {
        storageConfig: { bucket: 'recordings', fileNamePrefix: ['class42', 'a1'] },
        extensionServiceConfig: {
          extensionServices: [
            {
              serviceParam: {
                url: expect.stringMatching(
                  /^https:\/\/page\.test\/room\?name=a%20b&stillrolling=v1\.class42-1\.[\w-]{43}#top$/,
                ),
                videoWidth: 640,
                videoHeight: 480,
                readyTimeout: 30,
              },
            },
          ],
        },
      },
    })
  })

  it('makes up an id', async () => {
    const harness = await createHarness()
    const response = await harness.api('POST', '/v1/recordings', { url: REQUEST.url })
    expect(response.status).toBe(201)
    expect(((await response.json()) as RecordingView).id).toMatch(/^[a-z0-9]{24}$/)
  })

  it('answers 200 to the same body again, in any order of its fields, and starts nothing', async () => {
    const harness = await createHarness()
    await harness.create()
    const before = await harness.dump()
    const response = await harness.api('POST', '/v1/recordings', { url: REQUEST.url, id: REQUEST.id })
    expect(response.status).toBe(200)
    expect(((await response.json()) as RecordingView).attempts).toHaveLength(1)
    expect(await harness.dump()).toEqual(before)
  })

  it('answers 409 to another body with the same id', async () => {
    const harness = await createHarness()
    await harness.create()
    const before = await harness.dump()
    const response = await harness.api('POST', '/v1/recordings', { ...REQUEST, audioProfile: 2 })
    expect((await expectProblem(response, 409)).detail).toContain('"class42"')
    expect(await harness.dump()).toEqual(before)
  })

  it('creates one recording of two requests at the same time', async () => {
    const harness = await createHarness()
    const create = (body: object) => harness.api('POST', '/v1/recordings', { ...REQUEST, ...body })
    const same = await Promise.all([create({}), create({})])
    expect(same.map(({ status }) => status).sort()).toEqual([200, 201])
    const other = await Promise.all([create({ id: 'b' }), create({ id: 'b', audioProfile: 2 })])
    expect(other.map(({ status }) => status).sort()).toEqual([201, 409])
    await harness.settle()
    expect(harness.agora.calls().filter((call) => call === 'start')).toHaveLength(2)
  })

  it('names every wrong field at once', async () => {
    const harness = await createHarness()
    const before = await harness.dump()
    const response = await harness.api('POST', '/v1/recordings', {
      id: 'class 42',
      url: 'ftp://page.test',
      video: { width: 100, height: 720, depth: 3 },
      audioProfile: 7,
      maxRecordingHour: 0,
      avFileType: ['mp4'],
      expect: [''],
      media: 'video',
      policy: { loadTimeout: 'long', restart: { delay: [1] } },
      metadata: { text: 'x'.repeat(5000) },
      colour: 'red',
    })
    const { errors = [], detail } = await expectProblem(response, 422)
    expect(errors.map(({ path }) => path).sort()).toEqual([
      'audioProfile',
      'avFileType',
      'colour',
      'expect.0',
      'id',
      'maxRecordingHour',
      'media',
      'metadata',
      'policy.loadTimeout',
      'policy.restart.delay',
      'url',
      'video.depth',
      'video.width',
    ])
    for (const { path, message } of errors) expect(detail).toContain(`${path} ${message}`)
    expect(await harness.dump()).toEqual(before)
  })

  const refused: [string, Record<string, unknown>, string][] = [
    ['a picture that is too large', { video: { width: 1920, height: 1920 } }, 'video.height'],
    ['a load time-out that cuts Agora’s own short', { policy: { loadTimeout: 20 } }, 'policy.loadTimeout'],
    ['one lost heartbeat as a failure', { policy: { heartbeatTimeout: 12 } }, 'policy.heartbeatTimeout'],
    ['an unknown storage profile', { storage: 'cellar' }, 'storage'],
    ['a profile that every object has', { storage: 'constructor' }, 'storage'],
    ['a URL with a token in it', { url: 'https://page.test/?stillrolling=x' }, 'url'],
  ]
  it.each(refused)('refuses %s', async (_what, body, path) => {
    const harness = await createHarness()
    const before = await harness.dump()
    const response = await harness.api('POST', '/v1/recordings', { ...REQUEST, ...body })
    expect((await expectProblem(response, 422)).errors?.map((error) => error.path)).toEqual([path])
    expect(await harness.dump()).toEqual(before)
  })

  const headers = { authorization: `Bearer ${SECRETS.apiKey}` }
  const malformed: [number, string, RequestInit][] = [
    [
      400,
      'half a JSON text',
      { headers: { ...headers, 'content-type': 'application/json' }, body: '{"url":' },
    ],
    [400, 'no body', { headers: { ...headers, 'content-type': 'application/json' } }],
    [415, 'another type', { headers: { ...headers, 'content-type': 'text/plain' }, body: '{}' }],
    [415, 'no type', { headers, body: new TextEncoder().encode('{}') }],
    [413, 'too much', { headers: { ...headers, 'content-type': 'application/json' }, body: tooMuch() }],
    [422, 'no object', { headers: { ...headers, 'content-type': 'application/json' }, body: '[]' }],
    [
      422,
      'endless nesting',
      { headers: { ...headers, 'content-type': 'application/json' }, body: nested(30_000) },
    ],
  ]
  it.each(malformed)('answers %i to %s', async (status, _what, init) => {
    const harness = await createHarness()
    const before = await harness.dump()
    const response = await harness.request('/v1/recordings', { ...init, method: 'POST' })
    expect((await expectProblem(response, status)).detail).not.toBe('')
    expect(await harness.dump()).toEqual(before)
  })

  it('stops reading a body without a length when it is too large', async () => {
    const harness = await createHarness()
    const response = await harness.request('/v1/recordings', {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body: ReadableStream.from([new TextEncoder().encode(tooMuch())]),
      duplex: 'half',
    } as RequestInit)
    await expectProblem(response, 413)
  })
})

describe('GET /v1/recordings', () => {
  it('lists newest first, page by page', async () => {
    const harness = await createHarness()
    for (const id of ['a', 'b', 'c', 'd', 'e']) {
      await harness.create({ id })
      if (id !== 'c') harness.jump(1)
    }
    const seen: string[][] = []
    for (let before = ''; ; ) {
      const response = await harness.api('GET', `/v1/recordings?limit=2${before}`)
      const { items, next } = (await response.json()) as Page<RecordingView>
      seen.push(items.map(({ id }) => id))
      if (next === null) break
      before = `&before=${next}`
    }
    expect(seen).toEqual([['e', 'd'], ['c', 'b'], ['a']])
  })

  it('filters by state', async () => {
    const harness = await createHarness()
    await harness.rolling({ id: 'rolling' })
    await harness.create({ id: 'loading' })
    const list = async (state: string): Promise<string[]> => {
      const response = await harness.api('GET', `/v1/recordings?state=${state}`)
      return ((await response.json()) as Page<RecordingView>).items.map(({ id }) => id)
    }
    expect(await list('rolling')).toEqual(['rolling'])
    expect(await list('loading')).toEqual(['loading'])
    expect(await list('failed')).toEqual([])
  })

  it.each(['state=gone', 'limit=0', 'limit=abc', 'limit=501', 'limit='])('refuses %s', async (query) => {
    const harness = await createHarness()
    const response = await harness.api('GET', `/v1/recordings?${query}`)
    expect((await expectProblem(response, 422)).errors?.[0]?.path).toBe(query.split('=')[0])
  })

  it('lists the others when one row cannot be read, and logs which', async () => {
    const harness = await createHarness()
    await harness.create({ id: 'good' })
    await harness.create({ id: 'damaged' })
    await sql`update recordings set body = 'junk' where id = 'damaged'`.execute(harness.db)
    const response = await harness.api('GET', '/v1/recordings')
    expect(((await response.json()) as Page<RecordingView>).items.map(({ id }) => id)).toEqual(['good'])
    expect(harness.log().at(-1)).toMatchObject({
      msg: 'a recording is left out of the list',
      err: { message: expect.stringContaining('damaged') },
    })
  })
})

describe('GET /v1/recordings/:id', () => {
  it('shows the attempts and what is waited for, heartbeats in memory included', async () => {
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
    const list = (await (await harness.api('GET', '/v1/recordings')).json()) as Page<RecordingView>
    expect(list.items).toEqual([await harness.recording()])
  })

  it.each([
    ['GET', ''],
    ['GET', '/timeline'],
    ['POST', '/stop'],
    ['POST', '/restart'],
  ])('%s …%s answers 404 to an unknown id', async (method, suffix) => {
    const harness = await createHarness()
    const response = await harness.api(method, `/v1/recordings/nobody${suffix}`)
    expect((await expectProblem(response, 404)).detail).toContain('"nobody"')
  })
})

describe('GET /v1/recordings/:id/timeline', () => {
  it('tells the story oldest first, page by page', async () => {
    const harness = await createHarness()
    await harness.create({ id: 'other' })
    await harness.rolling()
    const whole = await harness.timeline()
    expect(whole.map(({ code }) => code)).toEqual([
      'recording.created',
      'attempt.requested',
      'attempt.started',
      'page.hello',
      'page.loaded',
      'recording.rolling',
    ])
    const read = async (after: number): Promise<{ items: TimelineView[]; next: number | null }> => {
      const response = await harness.api('GET', `/v1/recordings/class42/timeline?limit=4&after=${after}`)
      return (await response.json()) as { items: TimelineView[]; next: number | null }
    }
    const first = await read(0)
    const second = await read(first.next ?? 0)
    expect([...first.items, ...second.items]).toEqual(whole)
    expect(first.next).toBe(first.items[3]?.id)
    expect(second.next).toBeNull()
  })

  it.each(['after=-1', 'after=x', 'limit=1001'])('refuses %s', async (query) => {
    const harness = await createHarness()
    await harness.create()
    const response = await harness.api('GET', `/v1/recordings/class42/timeline?${query}`)
    expect(response.status).toBe(422)
  })
})

describe('POST /v1/recordings/:id/stop', () => {
  it('stops for good, and again is no error', async () => {
    const harness = await createHarness()
    await harness.rolling()
    const response = await harness.api('POST', '/v1/recordings/class42/stop')
    expect(response.status).toBe(200)
    expect(await response.json()).toMatchObject({ desired: 'stopped', state: 'stopping' })
    await harness.settle()
    expect(await harness.recording()).toMatchObject({
      desired: 'stopped',
      state: 'stopped',
      reason: { code: 'stopped' },
      attempts: [{ state: 'ended', endReason: { code: 'stopped' } }],
    })
    const again = await harness.api('POST', '/v1/recordings/class42/stop')
    expect(again.status).toBe(200)
    await harness.settle()
    expect(harness.agora.calls().filter((call) => call === 'stop')).toHaveLength(1)
  })
})

describe('POST /v1/recordings/:id/restart', () => {
  it('makes a new attempt and stops the old one', async () => {
    const harness = await createHarness()
    await harness.rolling()
    const response = await harness.api('POST', '/v1/recordings/class42/restart')
    expect(response.status).toBe(200)
    await harness.settle()
    expect(await harness.recording()).toMatchObject({
      state: 'loading',
      attempts: [
        { number: 1, state: 'ended', endReason: { code: 'restarted' } },
        { number: 2, state: 'current', uid: '900002', sid: 'sid2' },
      ],
    })
  })

  it('answers 409 after a stop, and changes nothing', async () => {
    const harness = await createHarness()
    await harness.rolling()
    await harness.api('POST', '/v1/recordings/class42/stop')
    await harness.settle()
    const before = await harness.dump()
    const response = await harness.api('POST', '/v1/recordings/class42/restart')
    await expectProblem(response, 409)
    expect(await harness.dump()).toEqual(before)
  })
})

/** Deeper than JSON.stringify can follow. */
function nested(depth: number): string {
  return `{"url":"${REQUEST.url}","metadata":{"deep":${'['.repeat(depth)}${']'.repeat(depth)}}}`
}

function tooMuch(): string {
  return JSON.stringify({ ...REQUEST, metadata: { text: 'x'.repeat(64 * 1024) } })
}
