import { expect, test } from 'vitest'
import type { CallName } from './call.ts'
import { createCloudRecording } from './client.ts'
import { updateLayoutRequest } from './testing/channelExamples.ts'
import { acquireRequest, options, startRequest, task } from './testing/examples.ts'
import { startHttpServer } from './testing/httpServer.ts'

const send = (client: ReturnType<typeof createCloudRecording>, call: CallName): Promise<unknown> => {
  if (call === 'acquire') return client.acquire(acquireRequest)
  if (call === 'start') return client.start(startRequest)
  return call === 'query' ? client.query(task) : client.updateLayout(updateLayoutRequest)
}

const codes: [CallName, number, string, string][] = [
  ['acquire', 8, 'RefusedError', 'does not say that its body is JSON'],
  ['acquire', 62, 'AccountError', 'cloud recording is not enabled for this account'],
  ['acquire', 405, 'AccountError', 'the account is not active'],
  ['start', 109, 'RefusedError', 'the RTC token has expired'],
  ['start', 110, 'RefusedError', 'the RTC token or the channel credentials are wrong'],
  ['query', 432, 'InvalidRequestError', 'a parameter of the request is wrong'],
  ['query', 501, 'AlreadyStoppingError', 'the recording is exiting after a stop'],
  ['start', 1001, 'InvalidRequestError', 'cannot be decrypted'],
  ['start', 1003, 'InvalidRequestError', 'RTC configuration'],
  ['start', 1013, 'InvalidRequestError', 'the name of the channel is invalid'],
  ['updateLayout', 1028, 'InvalidRequestError', 'the parameters of updateLayout are wrong'],
]

test.each(codes)('%s 400/%i is a %s that says what it means', async (call, code, name, text) => {
  await using server = await startHttpServer((_, response) => {
    response.statusCode = 400
    response.end(JSON.stringify({ code, reason: "Agora's own text" }))
  })
  const client = createCloudRecording({ ...options, baseUrls: [server.url] })
  const error = await send(client, call).catch((each: unknown) => each)
  expect(error).toMatchObject({ name, code, reason: "Agora's own text" })
  expect(String(error)).toContain(text)
  expect(String(error)).toContain("Agora's own text")
})

test('a code that is not documented has no words of ours', async () => {
  await using server = await startHttpServer((_, response) => {
    response.statusCode = 400
    response.end(JSON.stringify({ code: 999, reason: 'x' }))
  })
  const client = createCloudRecording({ ...options, baseUrls: [server.url] })
  await expect(client.query(task)).rejects.toThrow('query: Agora refuses this request: HTTP 400 code 999, x')
})
