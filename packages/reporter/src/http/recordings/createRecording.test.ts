import { describe, expect, test } from 'vitest'
import type { Config } from '../../config.ts'
import { expectProblem } from '../../testing/expectProblem.ts'
import { createHarness, REQUEST, SECRETS } from '../../testing/harness.ts'
import type { RecordingView } from './recordingView.ts'

describe('POST /v1/recordings', () => {
  test('creates a recording and fills in defaults', async () => {
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
      gaps: [],
    })
    await harness.drainEffects()
    expect(harness.agora.calls()).toEqual(['acquire', 'start'])
  })

  test('starts the page with its token and a file prefix of its own', async () => {
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
                  /^https:\/\/page\.test\/room\?name=a%20b&stillrolling=v1\.class42-1-[a-z0-9]+\.[\w-]{43}#top$/,
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

  test('fences the page when the policy says so', async () => {
    const harness = await createHarness()
    await harness.create({ policy: { fence: true } })
    expect(JSON.stringify(harness.agora.sent[1]?.body)).toMatch(
      /\?stillrolling=v1f\.class42-1-[a-z0-9]+\.[\w-]{43}"/,
    )
  })

  test('generates an id if none is given', async () => {
    const harness = await createHarness()
    const response = await harness.api('POST', '/v1/recordings', { url: REQUEST.url })
    expect(response.status).toBe(201)
    expect(((await response.json()) as RecordingView).id).toMatch(/^[a-z0-9]{24}$/)
  })

  test('is idempotent: answers 200 to the same body with fields in any order, and starts nothing', async () => {
    const harness = await createHarness()
    await harness.create()
    const before = await harness.dump()
    const response = await harness.api('POST', '/v1/recordings', { url: REQUEST.url, id: REQUEST.id })
    expect(response.status).toBe(200)
    expect(((await response.json()) as RecordingView).attempts).toHaveLength(1)
    expect(await harness.dump()).toEqual(before)
  })

  test('answers 409 to another body with the same id, and names the fields that differ', async () => {
    const harness = await createHarness()
    await harness.create({ metadata: { course: '7b' }, expect: ['#board'] })
    const before = await harness.dump()
    const other = { audioProfile: 2, video: { height: 700 }, expect: [], policy: { loadTimeout: 80 } }
    const response = await harness.api('POST', '/v1/recordings', { ...REQUEST, ...other })
    const { detail, errors = [] } = await expectProblem(response, 409, 'id_in_use')
    const paths = ['video.height', 'audioProfile', 'expect', 'metadata.course', 'policy']
    expect(errors.map(({ path }) => path).toSorted()).toEqual(paths.toSorted())
    expect(detail).toContain('"class42"')
    for (const path of paths) expect(detail).toContain(path)
    expect(JSON.stringify([detail, errors])).not.toContain('7b')
    expect(await harness.dump()).toEqual(before)
  })

  test('answers 409 to any body with the id of a recording that was stopped', async () => {
    const harness = await createHarness()
    await harness.rolling()
    await harness.api('POST', `/v1/recordings/${REQUEST.id}/stop`)
    const again = async (body: object): Promise<string> => {
      const response = await harness.api('POST', '/v1/recordings', { ...REQUEST, ...body })
      return (await expectProblem(response, 409, 'recording_ended')).detail
    }
    expect((await harness.recording()).state).toBe('stopping')
    expect(await again({})).toContain('"class42" was stopped, which is permanent')
    await harness.pass(60)
    expect((await harness.recording()).state).toBe('stopped')
    const before = await harness.dump()
    expect(await again({})).toContain('another id')
    expect(await again({ audioProfile: 2 })).toContain('another id')
    expect(await harness.dump()).toEqual(before)
  })

  test('answers 409 while a recording has failed, and 200 once it was restarted', async () => {
    const harness = await createHarness()
    harness.agora.always('acquire', { status: 400, json: { code: 2, reason: 'invalid parameter' } })
    expect(await harness.create()).toMatchObject({ state: 'failed' })
    const again = () => harness.api('POST', '/v1/recordings', REQUEST)
    const { detail } = await expectProblem(await again(), 409, 'recording_ended')
    expect(detail).toContain('unless it is restarted')
    await harness.api('POST', `/v1/recordings/${REQUEST.id}/restart`)
    expect((await again()).status).toBe(200)
  })

  test.each([
    'application/json; charset=utf-8',
    'application/json ; charset=utf-8',
    'application/json;',
    'APPLICATION/JSON;charset="utf-8" ;',
  ])('takes %j for JSON', async (type) => {
    const harness = await createHarness()
    const response = await harness.request('/v1/recordings', {
      method: 'POST',
      headers: { authorization: `Bearer ${SECRETS.apiKey}`, 'content-type': type },
      body: JSON.stringify(REQUEST),
    })
    expect(response.status).toBe(201)
  })

  test('creates one recording from two concurrent requests', async () => {
    const harness = await createHarness()
    const create = (body: object) => harness.api('POST', '/v1/recordings', { ...REQUEST, ...body })
    const same = await Promise.all([create({}), create({})])
    expect(same.map(({ status }) => status).sort()).toEqual([200, 201])
    const other = await Promise.all([create({ id: 'b' }), create({ id: 'b', audioProfile: 2 })])
    expect(other.map(({ status }) => status).sort()).toEqual([201, 409])
    await harness.drainEffects()
    expect(harness.agora.calls().filter((call) => call === 'start')).toHaveLength(2)
  })

  test('names every wrong field', async () => {
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

  test('accepts expectations with options, and says what is wrong with them', async () => {
    const harness = await createHarness()
    const expect1 = [
      '#board',
      { image: '#logo', count: [1, 3], timeout: 20 },
      { test: 'app.isReady', optional: true },
    ]
    const media = [{ media: 'video.slides', static: true }]
    const taken = await harness.api('POST', '/v1/recordings', { ...REQUEST, expect: expect1, media })
    expect((await taken.json()) as RecordingView).toMatchObject({ expect: expect1, media })

    const response = await harness.api('POST', '/v1/recordings', {
      ...REQUEST,
      id: 'other',
      expect: [7, { element: '#a', image: '#b' }, { inView: 0.5 }, { element: '#a', timeuot: 3, stall: -1 }],
      media: [{ test: 'alert(1)' }],
    })
    const { errors = [] } = await expectProblem(response, 422)
    const kinds = 'must have exactly one of element, image, media, text, font, test, ready'
    expect(Object.fromEntries(errors.map(({ path, message }) => [path, message]))).toEqual({
      'expect.0': 'must be a selector or an expectation',
      'expect.1': kinds,
      'expect.2': kinds,
      'expect.3.stall': expect.any(String),
      'expect.3.timeuot': 'is not a known field',
      'media.0.test': 'must be a dotted path, like app.isReady',
    })
  })

  const refused: [string, Record<string, unknown>, string][] = [
    ['a video size above the limit', { video: { width: 1920, height: 1920 } }, 'video.height'],
    [
      'a load timeout shorter than Agora’s own reload needs',
      { policy: { loadTimeout: 20 } },
      'policy.loadTimeout',
    ],
    [
      'a heartbeat timeout that one lost heartbeat exceeds',
      { policy: { heartbeatTimeout: 12 } },
      'policy.heartbeatTimeout',
    ],
    ['a label with a strange name', { labels: { 'a b': 'c' } }, 'labels.a b'],
    ['an empty label', { labels: { a: '' } }, 'labels.a'],
    ['a label that is a number', { labels: { a: 7 } }, 'labels.a'],
    ['a label that is too long', { labels: { a: 'x'.repeat(257) } }, 'labels.a'],
    [
      'too many labels',
      { labels: Object.fromEntries(Array.from({ length: 17 }, (_, index) => [`a${index}`, 'x'])) },
      'labels',
    ],
    ['an unknown storage profile', { storage: 'cellar' }, 'storage'],
    ['a profile named like a property of every object', { storage: 'constructor' }, 'storage'],
    ['a URL with a token in it', { url: 'https://page.test/?stillrolling=x' }, 'url'],
  ]
  test.each(refused)('refuses %s', async (_what, body, path) => {
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
  test.each(malformed)('answers %i to %s', async (status, _what, init) => {
    const harness = await createHarness()
    const before = await harness.dump()
    const response = await harness.request('/v1/recordings', { ...init, method: 'POST' })
    expect((await expectProblem(response, status)).detail).not.toBe('')
    expect(await harness.dump()).toEqual(before)
  })

  test('stops reading a body without a length when it is too large', async () => {
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

/** Deeper than JSON.stringify can follow. */
const nested = (depth: number): string =>
  `{"url":"${REQUEST.url}","metadata":{"deep":${'['.repeat(depth)}${']'.repeat(depth)}}}`

const tooMuch = (): string => JSON.stringify({ ...REQUEST, metadata: { text: 'x'.repeat(64 * 1024) } })

describe('a channel', () => {
  const Channel = { kind: 'channel', mode: 'mix', channel: 'room', recordingConfig: { channelType: 1 } }
  const Required = { ...Channel, policy: { requireHa: true } }

  test.each<[string, Partial<Config>, object]>([
    ['by its own policy', {}, Required],
    ['by DEFAULT_POLICY', { defaultPolicy: { requireHa: true } }, Channel],
  ])(
    'that requires high availability is refused without notifications, because they alone say so: %s',
    async (_whose, config, body) => {
      const harness = await createHarness({ ...config, notificationSecrets: [] })
      const problem = await expectProblem(await harness.api('POST', '/v1/recordings', body), 422)
      expect(problem.errors).toEqual([
        { path: 'policy.requireHa', message: expect.stringContaining('needs AGORA_NOTIFICATION_SECRET') },
      ])
    },
  )

  test.each(['wait', 'end'])(
    'with onIdleExit %s is refused without notifications, because answers alone do not tell an empty channel',
    async (onIdleExit) => {
      const harness = await createHarness({ notificationSecrets: [] })
      const body = { ...Channel, policy: { onIdleExit } }
      const problem = await expectProblem(await harness.api('POST', '/v1/recordings', body), 422)
      expect(problem.errors).toMatchObject([{ path: 'policy.onIdleExit' }])
    },
  )

  test('whose only output is snapshots misses no files', async () => {
    const harness = await createHarness()
    const snapshots = {
      ...Channel,
      mode: 'individual',
      recordingConfig: { channelType: 1, subscribeUidGroup: 0, subscribeVideoUids: ['#allstream#'] },
      snapshotConfig: { captureInterval: 5, fileType: ['jpg'] },
    }
    const created = await harness.api('POST', '/v1/recordings', snapshots)
    expect(await created.json()).toMatchObject({ policy: { fileTimeout: 0 } })
  })

  test('that requires it is recorded with them; a page has nothing to register', async () => {
    const harness = await createHarness()
    expect((await harness.api('POST', '/v1/recordings', Required)).status).toBe(201)
    const other = await createHarness({ defaultPolicy: { requireHa: true }, notificationSecrets: [] })
    expect((await other.api('POST', '/v1/recordings', REQUEST)).status).toBe(201)
  })
})

describe('uids of users', () => {
  const Channel = { kind: 'channel', mode: 'mix', channel: 'room', recordingConfig: { channelType: 1 } }

  test('that attempts of another recording may get are refused until that one is stopped', async () => {
    const harness = await createHarness()
    const create = (id: string, uidRange?: object) =>
      harness.api('POST', '/v1/recordings', { ...Channel, id, uidRange })
    expect((await create('mix1')).status).toBe(201)
    const users = { from: 950_000, to: 960_000 }
    const { detail } = await expectProblem(await create('mix2', users), 409, 'uids_in_use')
    expect(detail).toContain('"mix1"')
    expect((await harness.dump()).recordings).toHaveLength(1)
    await harness.drainEffects()
    await harness.api('POST', '/v1/recordings/mix1/stop')
    await harness.drainEffects()
    expect((await create('mix2', users)).status).toBe(201)
    const all = await expectProblem(await create('mix3', { from: 1, to: 4_294_967_295 }), 409, 'uids_in_use')
    expect(all.detail).toContain('"mix2"')
  })
})

describe('the tokenUrl of a channel', () => {
  const Channel = { kind: 'channel', mode: 'mix', channel: 'room', recordingConfig: { channelType: 1 } }
  const tokenUrlSecrets = [`whsec_${Buffer.alloc(24).toString('base64')}`]

  test.each([
    ['public', 'https://10.0.0.5/token', 422],
    ['public', 'http://127.0.0.1:3000/token', 422],
    ['public', 'https://app.test/token', 201],
    ['loopback', 'http://127.0.0.1:3000/token', 201],
    ['loopback', 'http://10.0.0.5/token', 422],
    ['private', 'http://10.0.0.5/token', 201],
    ['private', 'https://169.254.169.254/token', 422],
  ] as const)('within %s, %s is answered %d', async (tokenUrlReach, tokenUrl, status) => {
    const credentialsFetch = async () => new Response('', { status: 503 })
    const harness = await createHarness({ tokenUrlSecrets, tokenUrlReach }, { credentialsFetch })
    const response = await harness.api('POST', '/v1/recordings', { ...Channel, tokenUrl })
    expect(response.status).toBe(status)
    if (status !== 422) return
    expect(await expectProblem(response, 422)).toMatchObject({
      errors: [{ path: 'tokenUrl', message: expect.stringContaining('TOKEN_URL_ALLOW_PRIVATE=true') }],
    })
  })
})
