import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import { createCloudRecording } from './client.ts'
import { CloudRecordingError } from './errors.ts'
import type { LogEntry } from './log.ts'
import { redact, secretsOf, withoutSecrets } from './secrets.ts'
import {
  acquireRequest,
  clientRequest,
  options,
  secrets,
  startRequest,
  stopRequest,
  task,
  updateRequest,
} from './testing/examples.ts'
import { fetchFailed, type Step, scriptedFetch } from './testing/scriptedFetch.ts'

// A service that echoes every secret in every field of its answer.
const all = Object.values(secrets).join(' ')
const echo = { reason: `cannot use ${all}`, message: all, sid: '' }
const thrown = Object.assign(new TypeError(`fetch failed for ${all}`, { cause: fetchFailed('ECONNRESET') }), {
  request: { headers: { authorization: `Basic ${secrets.basic}` } },
})
const steps: Step[] = [
  ...[2, 7, 49, 50, 53, 62, 65, 404, 406, 433, 435, 502, 999].flatMap((code) =>
    [200, 201, 206, 400, 404, 500, 504].map((status) => ({ status, json: { code, ...echo } })),
  ),
  ...[200, 302, 401, 403, 404, 429, 502].map((status) => ({ status, json: echo })),
  ...[200, 400, 502].map((status) => ({ status, text: `<html>${all}</html>` })),
  { thrown },
  { thrown: all },
  { thrown: fetchFailed('ECONNREFUSED') },
]

const wrong = {
  ...startRequest,
  uid: secrets.secretKey,
  clientRequest: {
    ...clientRequest,
    storageConfig: { ...clientRequest.storageConfig, vendor: 4, region: secrets.stsToken },
    extensionServiceConfig: { extensionServices: [{ serviceName: all, serviceParam: { url: all } }] },
  },
} as unknown as typeof startRequest

type Client = ReturnType<typeof createCloudRecording>
const calls: Record<string, (client: Client) => Promise<unknown>> = {
  acquire: (client) =>
    client.acquire({ ...acquireRequest, clientRequest: { scene: 1, startParameter: clientRequest } }),
  start: (client) => client.start(startRequest),
  query: (client) => client.query(task),
  update: (client) => client.update(updateRequest),
  stop: (client) => client.stop(stopRequest),
  wrong: (client) => client.start(wrong),
}

/** The secrets that each request contains. A query contains none, so the service cannot echo them. */
const sentSecrets: Record<string, readonly string[]> = {
  acquire: Object.values(secrets),
  start: Object.values(secrets),
  query: [secrets.customerSecret, secrets.basic],
  update: [secrets.customerSecret, secrets.basic, secrets.accessKey, secrets.secretKey, secrets.stsToken],
  stop: [secrets.customerSecret, secrets.basic],
  wrong: Object.values(secrets),
}

const representations = (error: Error): string[] => [
  error.message,
  error.stack ?? '',
  String(error),
  JSON.stringify(error),
  inspect(error, { depth: 20, showHidden: true, getters: true }),
]

describe('no secret is in an error or a log entry', () => {
  test.each(Object.keys(calls))('%s', async (name) => {
    const log: LogEntry[] = []
    let errors = 0
    for (const step of steps) {
      const client = createCloudRecording({
        ...options,
        fetch: scriptedFetch(step),
        log: (entry) => log.push(entry),
      })
      const error: unknown = await calls[name]?.(client).then(
        () => undefined,
        (each) => each,
      )
      // For stop and update a 200 with an echo is a success.
      if (error === undefined) continue
      expect(error).toBeInstanceOf(CloudRecordingError)
      errors++
      for (const text of representations(error as Error)) {
        for (const secret of sentSecrets[name] ?? []) expect(text).not.toContain(secret)
      }
    }
    expect(errors).toBeGreaterThan(steps.length - 3)
    expect(log).toHaveLength(name === 'wrong' ? 0 : steps.length)
    for (const secret of Object.values(secrets)) {
      expect(JSON.stringify(log)).not.toContain(secret)
      expect(inspect(log, { depth: 20 })).not.toContain(secret)
    }
  })

  test('invalid options', () => {
    const create = (): unknown => createCloudRecording({ ...options, appId: '', baseUrls: [`ftp://${all}`] })
    for (const secret of Object.values(secrets)) expect(create).not.toThrow(secret)
    expect(create).toThrow('appId')
  })
})

test('a cause without secrets is the same object', () => {
  const cause = fetchFailed('ECONNRESET')
  expect(withoutSecrets(cause, [secrets.customerSecret])).toBe(cause)
})

test('no part remains of a secret that contains another', () => {
  expect(redact('abc abcdef', ['abc', 'abcdef', ''])).toBe('*** ***')
})

test.each([
  ['a', 'a start at a host', 'a start at a host'],
  ['ab', 'ab is about', 'ab is about'],
  [
    'start',
    'start failed: restart starts key "start", start=start',
    '*** failed: restart starts key "***", ***=***',
  ],
  ['(a+b', 'x(a+b and (a+b', 'x(a+b and ***'],
  ['é-é', 'é-éa é-é', 'é-éa ***'],
  ['password', 'mypassword1', 'my***1'],
])('a short secret (%j) does not garble the words of others', (secret, text, clean) => {
  expect(redact(text, [secret])).toBe(clean)
})

test('the reason of a failure stays readable with a customer secret of one letter', async () => {
  const fetch = scriptedFetch({ status: 400, json: { code: 2, reason: 'The parameter uid is missing' } })
  const client = createCloudRecording({ ...options, customerSecret: 'e', fetch })
  await expect(client.acquire(acquireRequest)).rejects.toMatchObject({
    reason: 'The parameter uid is missing',
  })
})

test('every secret of a request is found', () => {
  const { accessKey, secretKey, stsToken, rtmpUrl, query } = secrets
  expect(secretsOf(startRequest).toSorted()).toEqual(
    [accessKey, secretKey, stsToken, rtmpUrl, query].toSorted(),
  )
})
