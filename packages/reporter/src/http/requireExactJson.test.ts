import { describe, expect, test } from 'vitest'
import { expectProblem } from '../testing/expectProblem.ts'
import { createHarness, type Harness, SECRETS } from '../testing/harness.ts'

const post = (
  harness: Harness,
  body: string | Uint8Array<ArrayBuffer>,
  path = '/v1/recordings',
): Promise<Response> =>
  harness.request(path, {
    method: path === '/v1/recordings' ? 'POST' : 'PATCH',
    headers: { authorization: `Bearer ${SECRETS.apiKey}`, 'content-type': 'application/json' },
    body,
  })

const requestWith = (fields: string): string => `{"id":"class42","url":"https://page.test/",${fields}}`

describe('metadata and labels', () => {
  test.each([
    '"metadata":{"ids":[9007199254740991,1.5e300,-0.1],"constructor":{"toString":"x"},"":null,"n":"9007199254740993"}',
    '"metadata":{"text":"\\u0000\\ud83d\\ude00\\u2028 ä","half":"\\ud83d","deep":[[[{"a":{}}]]]}',
    '"labels":{"constructor":"x","course":"7b ä \\ud83d\\ude00","half":"\\udc00"}',
  ])('are given back unchanged: %s', async (fields) => {
    const harness = await createHarness()
    expect((await post(harness, requestWith(fields))).status).toBe(201)
    const later = await createHarness({}, { db: harness.db })
    expect(await later.recording()).toMatchObject(JSON.parse(`{${fields}}`))
  })

  test.each([
    ['"metadata":{"order":9007199254740993}', 'metadata.order'],
    ['"metadata":{"a":[1,1e400]}', 'metadata.a.1'],
    ['"metadata":{"__proto__":{"a":1}}', 'metadata.__proto__'],
    ['"metadata":{"a":1,"a":2}', 'metadata.a'],
    ['"labels":{"a":"1","a":"2"}', 'labels.a'],
    ['"labels":{"__proto__":"1"}', 'labels.__proto__'],
    ['"metadata":{},"metadata":{}', 'metadata'],
  ])('are refused by name if they cannot be: %s', async (fields, path) => {
    const harness = await createHarness()
    const before = await harness.dump()
    const problem = await expectProblem(await post(harness, requestWith(fields)), 422, 'invalid_request')
    expect(problem.errors?.map((error) => error.path)).toEqual([path])
    expect(await harness.dump()).toEqual(before)
  })
})

describe('a body', () => {
  test('of any call with a key is checked', async () => {
    const harness = await createHarness()
    await harness.create()
    const problem = await expectProblem(await post(harness, '{"a":1e400}', '/v1/recordings/class42'), 422)
    expect(problem.errors).toMatchObject([{ path: 'a' }])
  })

  test('that is no JSON, or not UTF-8, is malformed', async () => {
    const harness = await createHarness()
    await expectProblem(await post(harness, '{"a":1e400'), 400, 'malformed_json')
    const bytes = Buffer.from(requestWith('"metadata":{"a":"\xff"}'), 'latin1')
    await expectProblem(await post(harness, new Uint8Array(bytes)), 400, 'malformed_json')
  })
})
