import { expect, test } from 'vitest'
import { queryAnswerSchema, startAnswerSchema, stopAnswerSchema } from './answers.ts'

const state = (payload: unknown): unknown => ({
  serverResponse: {
    status: 5,
    extensionServiceState: [{ serviceName: 'web_recorder_service', payload }],
  },
})

test('a web query, as Agora documents it', () => {
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
    },
  })
})

test('file lists in all their shapes', () => {
  const files = (fileList: unknown): unknown =>
    queryAnswerSchema.parse(state({ fileList })).serverResponse.extensionServiceState[0]?.payload.fileList
  expect(files([{ fileName: 'a', sliceStartTime: 1_700_000_000_000 }])).toEqual([
    { fileName: 'a', sliceStartTimeMs: 1_700_000_000_000 },
  ])
  expect(files([{ filename: 'a', sliceStartTime: '1700000000', isPlayable: true }])).toEqual([
    { fileName: 'a', sliceStartTimeMs: 1_700_000_000_000, isPlayable: true },
  ])
  expect(files([{ filename: 'a', sliceStartTime: 'soon' }, 7, {}])).toEqual([{ fileName: 'a' }])
  expect(files('a.m3u8')).toEqual([{ fileName: 'a.m3u8' }])
  expect(files('')).toEqual([])
  expect(files(undefined)).toEqual([])
})

test('what Agora has not documented is kept', () => {
  const answer = queryAnswerSchema.parse({ new: 1, serverResponse: { status: 42, also: 'new' } })
  expect(answer).toMatchObject({
    new: 1,
    serverResponse: { status: 42, also: 'new', extensionServiceState: [] },
  })
})

test('odd values of side fields do not make an answer unreadable', () => {
  const answer = queryAnswerSchema.parse({
    uid: 900001,
    cname: null,
    serverResponse: {
      status: '5',
      extensionServiceState: [{ serviceName: 's', payload: { state: 7, onhold: 'no', outputs: 'x' } }],
    },
  })
  expect(answer.uid).toBe('900001')
  expect(answer.serverResponse.status).toBe(5)
  expect(answer.serverResponse.extensionServiceState).toEqual([
    { serviceName: 's', payload: { fileList: [] } },
  ])
  const services = { serverResponse: { status: 5, extensionServiceState: 'none' } }
  expect(queryAnswerSchema.parse(services).serverResponse.extensionServiceState).toEqual([])
})

test('what an answer is about must be there', () => {
  expect(queryAnswerSchema.safeParse({ serverResponse: {} }).success).toBe(false)
  expect(queryAnswerSchema.safeParse({}).success).toBe(false)
  expect(startAnswerSchema.safeParse({ sid: '' }).success).toBe(false)
  expect(startAnswerSchema.safeParse({ resourceId: 'r' }).success).toBe(false)
})

test('a stop with the upload state', () => {
  const answer = stopAnswerSchema.parse({
    serverResponse: {
      extensionServiceState: [{ serviceName: 'upload_service', payload: { uploadingStatus: 'uploaded' } }],
    },
  })
  expect(answer.serverResponse.extensionServiceState[0]?.payload.uploadingStatus).toBe('uploaded')
})
