import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { lostValues } from '../testing/lostValues.ts'
import {
  acquireAnswerSchema,
  filesOf,
  notificationServersSchema,
  queryAnswerSchema,
  startAnswerSchema,
  stopAnswerSchema,
  updateAnswerSchema,
} from './answers.ts'

const state = (payload: unknown): unknown => ({
  serverResponse: {
    status: 5,
    extensionServiceState: [{ serviceName: 'web_recorder_service', payload }],
  },
})

test('reads a web query as documented by Agora', () => {
  const payload = {
    state: 'inProgress',
    onhold: false,
    fileList: [{ filename: 'a.m3u8', sliceStartTime: 1_700_000_000 }],
  }
  expect(queryAnswerSchema.parse({ cname: 'c', uid: '1', ...(state(payload) as object) })).toEqual({
    cname: 'c',
    uid: '1',
    serverResponse: {
      status: 5,
      extensionServiceState: [
        {
          serviceName: 'web_recorder_service',
          payload: {
            state: 'inProgress',
            onhold: false,
            fileList: [{ fileName: 'a.m3u8', sliceStartTimeMs: 1_700_000_000_000 }],
          },
        },
      ],
      fileList: [],
    },
  })
})

test('reads file lists of every shape', () => {
  const files = (fileList: unknown): unknown =>
    queryAnswerSchema.parse(state({ fileList })).serverResponse.extensionServiceState[0]?.payload.fileList
  expect(files([{ fileName: 'a', sliceStartTime: 1_700_000_000_000 }])).toEqual([
    { fileName: 'a', sliceStartTimeMs: 1_700_000_000_000 },
  ])
  expect(files([{ filename: 'a', sliceStartTime: '1700000000', isPlayable: true }])).toEqual([
    { fileName: 'a', sliceStartTimeMs: 1_700_000_000_000, isPlayable: true },
  ])
  expect(files([{ filename: 'a', sliceStartTime: 'soon' }, 7, {}])).toEqual([
    { fileName: 'a', extra: { sliceStartTime: 'soon' } },
  ])
  expect(files(['a.m3u8', 'a.mp4'])).toEqual([{ fileName: 'a.m3u8' }, { fileName: 'a.mp4' }])
  expect(files('a.m3u8')).toEqual([{ fileName: 'a.m3u8' }])
  expect(files('')).toEqual([])
  expect(files(undefined)).toEqual([])
})

test('keeps undocumented fields and values', () => {
  const answer = queryAnswerSchema.parse({ new: 1, serverResponse: { status: 42, also: 'new' } })
  expect(answer).toEqual({
    extra: { new: 1 },
    serverResponse: { status: 42, extra: { also: 'new' }, extensionServiceState: [], fileList: [] },
  })
})

test('keeps the values of another type than documented', () => {
  const answer = queryAnswerSchema.parse({
    uid: 900001,
    cname: null,
    serverResponse: {
      status: '5',
      extensionServiceState: [
        { serviceName: 's', payload: { state: 7, onhold: 'no', outputs: 'x', fileList: [{ size: 1 }] } },
        { serviceName: 't', payload: 'none' },
        { payload: {} },
      ],
    },
  })
  expect(answer).toEqual({
    uid: '900001',
    extra: { cname: null },
    serverResponse: {
      status: 5,
      fileList: [],
      extensionServiceState: [
        {
          serviceName: 's',
          payload: {
            fileList: [],
            outputs: [],
            extra: { state: 7, onhold: 'no', outputs: 'x', fileList: [{ size: 1 }] },
          },
        },
        { serviceName: 't', payload: { fileList: [] }, extra: { payload: 'none' } },
      ],
      extra: { extensionServiceState: [{ payload: {} }] },
    },
  })
  const services = { serverResponse: { status: 5, extensionServiceState: 'none' } }
  expect(queryAnswerSchema.parse(services).serverResponse).toMatchObject({
    extensionServiceState: [],
    extra: { extensionServiceState: 'none' },
  })
})

test('a field called __proto__ is data', () => {
  const answer = queryAnswerSchema.parse(
    JSON.parse('{"__proto__": {"a": 1}, "serverResponse": {"status": 5}}'),
  )
  expect(Object.getPrototypeOf(answer)).toBe(Object.prototype)
  expect(Object.entries(answer.extra ?? {})).toEqual([['__proto__', { a: 1 }]])
})

test('requires the status of a query and the sid of a start', () => {
  expect(queryAnswerSchema.safeParse({ serverResponse: {} }).success).toBe(false)
  expect(queryAnswerSchema.safeParse({}).success).toBe(false)
  expect(startAnswerSchema.safeParse({ sid: '' }).success).toBe(false)
  expect(startAnswerSchema.safeParse({ resourceId: 'r' }).success).toBe(false)
})

test('reads the upload state of a stop', () => {
  const answer = stopAnswerSchema.parse({
    serverResponse: {
      extensionServiceState: [{ serviceName: 'upload_service', payload: { uploadingStatus: 'uploaded' } }],
    },
  })
  expect(answer.serverResponse.extensionServiceState[0]?.payload.uploadingStatus).toBe('uploaded')
})

describe('the files of a channel', () => {
  const query = (serverResponse: object): unknown =>
    queryAnswerSchema.parse({ serverResponse: { status: 5, ...serverResponse } }).serverResponse

  test('fileListMode string: there is only the playlist', () => {
    expect(query({ fileListMode: 'string', fileList: 'sid_c.m3u8' })).toMatchObject({
      fileListMode: 'string',
      fileList: [{ fileName: 'sid_c.m3u8' }],
    })
  })

  test('fileListMode json: every file, with its start in seconds or milliseconds', () => {
    const file = {
      fileName: 'sid_c_0.mp4',
      trackType: 'audio_and_video',
      uid: 0,
      mixedAllUser: true,
      isPlayable: false,
      sliceStartTime: 1_619_172_632,
    }
    const { sliceStartTime, ...rest } = file
    expect(
      query({ fileListMode: 'json', fileList: [file], sliceStartTime: 1_619_172_632_080 }),
    ).toMatchObject({
      fileListMode: 'json',
      fileList: [{ ...rest, uid: '0', sliceStartTimeMs: sliceStartTime * 1000 }],
      sliceStartTimeMs: 1_619_172_632_080,
    })
  })

  test('the answer to stop names them', () => {
    const serverResponse = { fileListMode: 'string', fileList: 'a.m3u8', uploadingStatus: 'backuped' }
    expect(stopAnswerSchema.parse({ serverResponse }).serverResponse).toMatchObject({
      fileList: [{ fileName: 'a.m3u8' }],
      uploadingStatus: 'backuped',
    })
  })

  test('filesOf finds them in every mode', () => {
    const web = queryAnswerSchema.parse(state({ fileList: [{ filename: 'web.m3u8' }] }))
    const mix = queryAnswerSchema.parse({ serverResponse: { status: 5, fileList: 'mix.m3u8' } })
    expect([web, mix].map((answer) => filesOf(answer).map(({ fileName }) => fileName))).toEqual([
      ['web.m3u8'],
      ['mix.m3u8'],
    ])
  })
})

describe('notification servers', () => {
  const answer = (hosts: unknown): unknown => ({ data: { service: { hosts } } })

  test('are every primaryIP', () => {
    const hosts = [{ primaryIP: '192.0.2.1', other: 1 }, {}, 7, { primaryIP: '192.0.2.2' }]
    expect(notificationServersSchema.parse(answer(hosts))).toEqual(['192.0.2.1', '192.0.2.2'])
  })

  test.each([{}, answer([]), answer([{}]), answer('x'), { data: null }])(
    'an answer without one is refused: %j',
    (none) => {
      expect(notificationServersSchema.safeParse(none).success).toBe(false)
    },
  )
})

describe('any JSON value', () => {
  const schemas = {
    acquireAnswerSchema,
    startAnswerSchema,
    queryAnswerSchema,
    updateAnswerSchema,
    stopAnswerSchema,
    notificationServersSchema,
  }
  const names = ['sid', 'resourceId', 'cname', 'uid', 'serverResponse', 'status', 'fileList', 'fileListMode']
  const more = [
    'extensionServiceState',
    'payload',
    'serviceName',
    'data',
    'service',
    'hosts',
    'sliceStartTime',
  ]
  // Agora's field names at random depths, which a generator without them would never produce.
  const odd = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { depthSize: 'medium' },
      fc.jsonValue({ maxDepth: 1 }),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(fc.constantFrom(...names, ...more), tie('value'), { maxKeys: 5 }),
    ),
  })).value

  test.each(Object.entries(schemas))('%s does not throw', (_, schema) => {
    fc.assert(
      fc.property(odd, (value) => {
        expect(typeof schema.safeParse(value).success).toBe('boolean')
      }),
      { numRuns: 500 },
    )
  })

  test.each(Object.entries({ queryAnswerSchema, stopAnswerSchema, updateAnswerSchema }))(
    '%s loses no value',
    (_, schema) => {
      const answer = fc.dictionary(fc.constantFrom(...names, 'new'), odd, { noNullPrototype: true })
      fc.assert(
        fc.property(answer, odd, (fields, serverResponse) => {
          const wire = { serverResponse, ...fields }
          const { success, data } = schema.safeParse(wire)
          expect(success ? lostValues(wire, data) : []).toEqual([])
        }),
        { numRuns: 300 },
      )
    },
  )

  test('unknown fields are kept at every level', () => {
    const name = fc.string().map((text) => `new_${text}`)
    const unknown = fc.dictionary(name, fc.jsonValue(), { noNullPrototype: true })
    const extraOf = (fields: object) => (Object.keys(fields).length === 0 ? undefined : fields)
    fc.assert(
      fc.property(unknown, unknown, unknown, (top, response, payload) => {
        const answer = queryAnswerSchema.parse({
          ...top,
          serverResponse: {
            ...response,
            status: 5,
            extensionServiceState: [{ serviceName: 's', payload }],
            fileList: [{ ...payload, fileName: 'f' }],
          },
        })
        expect(answer.extra).toEqual(extraOf(top))
        expect(answer.serverResponse.extra).toEqual(extraOf(response))
        expect(answer.serverResponse.extensionServiceState[0]?.payload.extra).toEqual(extraOf(payload))
        expect(answer.serverResponse.fileList[0]?.extra).toEqual(extraOf(payload))
      }),
    )
  })
})
