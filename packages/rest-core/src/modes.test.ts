import { describe, expect, test } from 'vitest'
import { createCloudRecording } from './client.ts'
import type { CloudRecording } from './cloudRecording.ts'
import { CloudRecordingError, InvalidRequestError } from './errors.ts'
import type { LogEntry } from './log.ts'
import {
  channelSecrets,
  channelUpdate,
  individual,
  mix,
  postponed,
  updateLayoutRequest,
} from './testing/channelExamples.ts'
import { identity, options } from './testing/examples.ts'
import { type ScriptedFetch, type Step, scriptedFetch } from './testing/scriptedFetch.ts'

const base = 'http://one.test'
const service = `${base}/v1/apps/app1/cloud_recording`
const at = `${service}/resourceid/resource%2F1`
const address = { resourceId: 'resource/1', sid: 'sid1' }

const setup = (...script: Step[]): { client: CloudRecording; fetch: ScriptedFetch; log: LogEntry[] } => {
  const fetch = scriptedFetch(...script)
  const log: LogEntry[] = []
  const client = createCloudRecording({ ...options, fetch, log: (entry) => log.push(entry) })
  return { client, fetch, log }
}

const answer = (json: unknown): Step => ({ status: 200, json })

describe('what is sent', () => {
  test.each([
    { mode: 'individual', clientRequest: individual },
    { mode: 'individual', clientRequest: postponed },
    { mode: 'mix', clientRequest: mix },
  ] as const)('start $mode', async (task) => {
    const { client, fetch } = setup(answer({ sid: 'sid1' }))
    await client.start({ ...identity, resourceId: 'resource/1', ...task })
    expect(fetch.sent[0]).toMatchObject({ method: 'POST', url: `${at}/mode/${task.mode}/start` })
    expect(fetch.sent[0]?.body).toEqual({ ...identity, clientRequest: task.clientRequest })
  })

  test.each([
    { scene: 0, startParameter: individual },
    { scene: 0, startParameter: mix },
    { scene: 2, startParameter: postponed },
  ] as const)('acquire, scene $scene', async (clientRequest) => {
    const { client, fetch } = setup(answer({ resourceId: 'resource/1' }))
    await client.acquire({ ...identity, clientRequest })
    expect(fetch.sent[0]?.url).toBe(`${service}/acquire`)
    expect(fetch.sent[0]?.body).toEqual({ ...identity, clientRequest })
  })

  test('update', async () => {
    const { client, fetch } = setup(answer({ sid: 'sid1' }))
    await client.update(channelUpdate)
    const { clientRequest } = channelUpdate
    expect(fetch.sent[0]).toMatchObject({ method: 'POST', url: `${at}/sid/sid1/mode/mix/update` })
    expect(fetch.sent[0]?.body).toEqual({ ...identity, clientRequest })
  })

  test('updateLayout', async () => {
    const { client, fetch } = setup(answer({ sid: 'sid1' }))
    expect(await client.updateLayout(updateLayoutRequest)).toEqual({ sid: 'sid1' })
    const { clientRequest } = updateLayoutRequest
    expect(fetch.sent[0]).toMatchObject({ method: 'POST', url: `${at}/sid/sid1/mode/mix/updateLayout` })
    expect(fetch.sent[0]?.body).toEqual({ ...identity, clientRequest })
  })

  test('notificationServers, outside the App ID', async () => {
    const { client, fetch } = setup(answer({ data: { service: { hosts: [{ primaryIP: '192.0.2.1' }] } } }))
    expect(await client.notificationServers()).toEqual(['192.0.2.1'])
    expect(fetch.sent[0]).toMatchObject({ method: 'GET', url: `${base}/v2/ncs/ip` })
    expect(fetch.sent[0]?.body).toBeUndefined()
    expect(fetch.sent[0]?.headers.authorization).toMatch(/^Basic /)
  })
})

describe('answers are typed by mode', () => {
  const list = { serverResponse: { status: 5, fileListMode: 'string', fileList: 'sid1_c.m3u8' } }

  test('query', async () => {
    const { client, fetch } = setup(answer(list), answer({ serverResponse: { status: 4 } }))
    const { serverResponse } = await client.query({ ...address, mode: 'mix' })
    expect(serverResponse.fileList.map(({ fileName }) => fileName)).toEqual(['sid1_c.m3u8'])
    const web = await client.query({ ...address, mode: 'web' })
    expect(web.serverResponse.extensionServiceState.map(({ serviceName }) => serviceName)).toEqual([])
    expect(fetch.sent.map(({ url }) => url)).toEqual([
      `${at}/sid/sid1/mode/mix/query`,
      `${at}/sid/sid1/mode/web/query`,
    ])
  })

  test('stop', async () => {
    const { client } = setup(
      answer({ serverResponse: { ...list.serverResponse, uploadingStatus: 'uploaded' } }),
    )
    const stopped = await client.stop({ ...identity, ...address, mode: 'individual', clientRequest: {} })
    expect(stopped.serverResponse.uploadingStatus).toBe('uploaded')
    expect(stopped.serverResponse.fileList).toEqual([{ fileName: 'sid1_c.m3u8' }])
  })
})

describe('refused before anything is sent', () => {
  const refusalOf = async (
    call: (client: CloudRecording) => Promise<unknown>,
  ): Promise<InvalidRequestError> => {
    const { client, fetch } = setup()
    const error = await call(client).catch((caught: unknown) => caught)
    expect(fetch.sent).toEqual([])
    if (error instanceof InvalidRequestError) return error
    throw new Error('the request was accepted')
  }

  test.each(['web', 'individual'])('updateLayout in %s mode', async (mode) => {
    const request = { ...updateLayoutRequest, mode: mode as 'mix' }
    const { issues } = await refusalOf((client) => client.updateLayout(request))
    expect(issues).toEqual([
      { path: 'mode', message: 'must be "mix": only composite recordings have a layout' },
    ])
  })

  test("another mode's request, which does not compile either", async () => {
    const snapshotConfig = { fileType: ['jpg' as const] }
    const wrong = await refusalOf((client) =>
      // @ts-expect-error only individual mode has screenshots
      client.start({ ...identity, resourceId: 'r', mode: 'mix', clientRequest: { ...mix, snapshotConfig } }),
    )
    expect(wrong.issues.map(({ path }) => path)).toContain('clientRequest.snapshotConfig')
    const page = await refusalOf((client) =>
      // @ts-expect-error a web page has no streams
      client.update({ ...identity, ...address, mode: 'web', clientRequest: { streamSubscribe: {} } }),
    )
    expect(page.issues.map(({ path }) => path)).toContain('clientRequest.streamSubscribe')
  })

  test('every invalid field is named', async () => {
    const recordingConfig = { ...mix.recordingConfig, channelType: 2 as 0, maxIdleTime: 4, salt: undefined }
    const clientRequest = { ...mix, recordingConfig, storageConfig: { ...mix.storageConfig, bucket: '' } }
    const { issues } = await refusalOf((client) =>
      client.start({ ...identity, uid: '0', resourceId: 'r', mode: 'mix', clientRequest }),
    )
    expect(issues.map(({ path }) => path).toSorted()).toEqual([
      'clientRequest.recordingConfig.channelType',
      'clientRequest.recordingConfig.maxIdleTime',
      'clientRequest.recordingConfig.salt',
      'clientRequest.storageConfig.bucket',
      'uid',
    ])
  })

  test('no request at all', async () => {
    expect((await refusalOf((client) => client.start(undefined as never))).tries).toBe(0)
  })
})

describe('a maxIdleTime below the recommended 300 s', () => {
  const start = (client: CloudRecording, clientRequest: typeof mix): Promise<unknown> =>
    client.start({ ...identity, resourceId: 'resource/1', mode: 'mix', clientRequest })
  const idle = (maxIdleTime: number | undefined): typeof mix => ({
    ...mix,
    recordingConfig: { ...mix.recordingConfig, maxIdleTime },
  })

  test.each([
    [299, 'is 299 s'],
    [undefined, 'is 30 s by default'],
  ])('%s: the start is sent and the log warns', async (maxIdleTime, words) => {
    const { client, log } = setup(answer({ sid: 'sid1' }))
    await start(client, idle(maxIdleTime))
    expect(log[0]).toMatchObject({
      level: 'warn',
      call: 'start',
      advice: [{ path: 'clientRequest.recordingConfig.maxIdleTime' }],
    })
    expect(log[0]?.message).toContain(words)
    expect(log).toHaveLength(2)
  })

  test('300 s causes no warning', async () => {
    const { client, log } = setup(answer({ sid: 'sid1' }))
    await start(client, idle(300))
    expect(log.map(({ level }) => level)).toEqual(['debug'])
  })

  test('the warning is logged once per request, even if it is sent again', async () => {
    const { client, log } = setup(answer({ sid: 'sid1' }), answer({ sid: 'sid1' }))
    const request = idle(30)
    await start(client, request)
    await start(client, request)
    expect(log.filter((entry) => entry.advice)).toHaveLength(1)
  })

  test('requests that share one clientRequest have each their own', async () => {
    const resource = answer({ resourceId: 'r' })
    const { client, log } = setup(resource, resource, resource)
    const clientRequest = { scene: 0 } as const
    for (const cname of ['ä'.repeat(32), 'ö', 'ö']) await client.acquire({ cname, uid: '1', clientRequest })
    expect(log.flatMap(({ advice }) => advice ?? [])).toMatchObject([
      { path: 'cname', message: expect.stringContaining('64 bytes') },
      { path: 'cname', message: expect.stringContaining('characters') },
    ])
  })
})

test('no secret of a channel is in an error', async () => {
  const reason = `wrong: ${Object.values(channelSecrets).join(' ')}`
  const { client, log } = setup({ status: 400, json: { code: 2, reason } })
  const error = await client
    .start({ ...identity, resourceId: 'r', mode: 'mix', clientRequest: mix })
    .catch((caught: unknown) => caught)
  if (!(error instanceof CloudRecordingError)) throw new Error('the request was accepted')
  const seen = `${error.message} ${JSON.stringify(error)} ${JSON.stringify(log)}`
  expect(seen).toContain('***')
  for (const secret of Object.values(channelSecrets)) expect(seen).not.toContain(secret)
})
