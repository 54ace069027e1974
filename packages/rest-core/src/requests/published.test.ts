import { describe, expect, test } from 'vitest'
import { ACQUIRES, LAYOUTS, RECORDER, STARTS, UPDATES, webStart } from '../../../../test/publishedRequests.ts'
import { createCloudRecording } from '../client.ts'
import type { Issue } from '../issues.ts'
import { options } from '../testing/examples.ts'
import { startHttpServer } from '../testing/httpServer.ts'

const identity = { cname: 'class42', uid: '527841' }

describe('what Agora publishes is sent as it is', () => {
  const sendTo = async (
    send: (client: ReturnType<typeof createCloudRecording>) => Promise<unknown>,
  ): Promise<unknown> => {
    await using server = await startHttpServer((_, response) => {
      response.end(JSON.stringify({ resourceId: 'r', sid: 's', serverResponse: {} }))
    })
    const client = createCloudRecording({ ...options, baseUrls: [server.url] })
    await send(client)
    return server.received[0]?.json
  }

  test.each(ACQUIRES)('acquire: %s', async (_, clientRequest) => {
    const request = { ...identity, clientRequest }
    expect(await sendTo((client) => client.acquire(request as never))).toEqual(request)
  })

  test.each(STARTS)('start %s %s', async (mode, _, clientRequest) => {
    const request = { resourceId: 'r', mode, ...identity, clientRequest }
    expect(await sendTo((client) => client.start(request as never))).toEqual({ ...identity, clientRequest })
  })

  test.each(UPDATES)('update %j', async (clientRequest) => {
    const request = { resourceId: 'r', sid: 's', mode: 'mix', ...identity, clientRequest }
    expect(await sendTo((client) => client.update(request as never))).toEqual({ ...identity, clientRequest })
  })

  test.each(LAYOUTS)('updateLayout %j', async (clientRequest) => {
    const request = { resourceId: 'r', sid: 's', mode: 'mix', ...identity, clientRequest } as const
    expect(await sendTo((client) => client.updateLayout(request))).toEqual({ ...identity, clientRequest })
  })

  test('stop with an empty clientRequest', async () => {
    const request = { resourceId: 'r', sid: 's', mode: 'mix', ...identity, clientRequest: {} } as const
    expect(await sendTo((client) => client.stop(request))).toEqual({ ...identity, clientRequest: {} })
  })
})

describe('fields of tomorrow', () => {
  const tomorrow = {
    ...identity,
    resourceId: 'r',
    mode: 'web',
    priority: 'high',
    clientRequest: {
      ...webStart({ ...RECORDER, videoCodec: 'av1', new: { token: 'SECRET-of-tomorrow' } }),
      retention: { days: 7 },
    },
  } as const
  const param = 'clientRequest.extensionServiceConfig.extensionServices.0.serviceParam'
  const unknown = [`${param}.new`, `${param}.videoCodec`, 'clientRequest.retention', 'priority']

  const setUp = async (status: number, json: object) => {
    const server = await startHttpServer((_, response) => {
      response.statusCode = status
      response.end(JSON.stringify(json))
    })
    const advice: Issue[] = []
    const log = (entry: { advice?: readonly Issue[] }) => void advice.push(...(entry.advice ?? []))
    const client = createCloudRecording({ ...options, baseUrls: [server.url], log })
    return { server, client, advice }
  }

  test('are sent on request, at every level, with advice in the log', async () => {
    const { server, client, advice } = await setUp(200, { sid: 's' })
    await using _ = server
    await client.start(tomorrow as never, { unknownFields: 'send' })
    const { resourceId: __, mode: ___, ...body } = tomorrow
    expect(server.received[0]?.json).toEqual(body)
    expect(advice.map(({ path }) => path).toSorted()).toEqual(unknown)
    expect(advice[0]?.message).toContain('not known to this version')
  })

  test('are refused by default, and beside other mistakes', async () => {
    const { server, client } = await setUp(200, { sid: 's' })
    await using _ = server
    await expect(client.start(tomorrow as never)).rejects.toMatchObject({ tries: 0 })
    const wrong = { ...tomorrow, uid: '0' }
    await expect(client.start(wrong as never, { unknownFields: 'send' })).rejects.toMatchObject({
      issues: expect.arrayContaining([expect.objectContaining({ path: 'uid' })]),
    })
    // A rule across fields is checked, too.
    const large = {
      ...tomorrow,
      clientRequest: webStart({ ...RECORDER, new: 1, videoWidth: 1900, videoHeight: 1900 }),
    }
    await expect(client.start(large as never, { unknownFields: 'send' })).rejects.toMatchObject({ tries: 0 })
    const query = { resourceId: 'r', sid: 's', mode: 'web', verbose: true }
    await expect(client.query(query as never, { unknownFields: 'send' })).rejects.toMatchObject({ tries: 0 })
    expect(server.received).toEqual([])
  })

  test('may hold secrets, which are in no error', async () => {
    const { server, client } = await setUp(400, { code: 2, reason: 'bad token SECRET-of-tomorrow' })
    await using _ = server
    const error = await client.start(tomorrow as never, { unknownFields: 'send' }).catch((each) => each)
    expect(error.reason).toBe('bad token ***')
  })
})
