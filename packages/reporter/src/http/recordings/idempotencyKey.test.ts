import { describe, expect, test } from 'vitest'
import { expectProblem } from '../../testing/expectProblem.ts'
import { createHarness, type Harness, REQUEST, SECRETS } from '../../testing/harness.ts'
import type { RecordingView } from './recordingView.ts'

const { url } = REQUEST

const post = (harness: Harness, key: string, body: unknown): Promise<Response> =>
  harness.request('/v1/recordings', {
    method: 'POST',
    headers: {
      authorization: `Bearer ${SECRETS.apiKey}`,
      'content-type': 'application/json',
      'idempotency-key': key,
    },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })

const idOf = async (response: Response): Promise<string> => ((await response.json()) as RecordingView).id

const idsIn = async (harness: Harness): Promise<string[]> => {
  const { items } = (await (await harness.api('GET', '/v1/recordings')).json()) as { items: { id: string }[] }
  return items.map(({ id }) => id)
}

describe('a request with an Idempotency-Key', () => {
  test('that is sent again is answered with the same recording, also by the next process', async () => {
    const harness = await createHarness()
    const first = await post(harness, 'k1', { url, labels: { a: '1', b: '2' } })
    expect(first.status).toBe(201)
    const id = await idOf(first)
    expect(id).toMatch(/^[0-9a-f]{24}$/)
    await harness.crash()
    const again = await post(harness, 'k1', `{ "labels":{"b":"2","a":"1"}, "url":${JSON.stringify(url)} }`)
    expect(again.status).toBe(200)
    expect(await idOf(again)).toBe(id)
    expect(await idsIn(harness)).toEqual([id])
  })

  test('makes one recording, however many tries arrive together', async () => {
    const harness = await createHarness()
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => post(harness, 'k1', { url, standby: true })),
    )
    expect(answers.map(({ status }) => status).toSorted()).toEqual([...Array(9).fill(200), 201])
    const ids = await Promise.all(answers.map(idOf))
    expect(new Set(ids).size).toBe(1)
    expect(await idsIn(harness)).toEqual([ids[0]])
    expect(harness.log().filter(({ level }) => Number(level) >= 50)).toEqual([])
  })

  test('is answered with its recording also when that one has ended', async () => {
    const harness = await createHarness()
    const id = await idOf(await post(harness, 'k1', { url }))
    await harness.api('POST', `/v1/recordings/${id}/stop`)
    const again = await post(harness, 'k1', { url })
    expect(again.status).toBe(200)
    expect(await again.json()).toMatchObject({ id, desired: 'stopped' })
  })

  test('is refused if the key is that of a different request', async () => {
    const harness = await createHarness()
    const id = await idOf(await post(harness, 'k1', { url }))
    for (const body of [{ url, labels: { a: '1' } }, { url, id: 'class42' }, { url: `${url}?b` }]) {
      const problem = await expectProblem(await post(harness, 'k1', body), 422, 'idempotency_key_reused')
      expect(problem.detail).toContain(id)
    }
    expect(await idsIn(harness)).toEqual([id])
  })

  test('may have an id, and then both are those of one recording', async () => {
    const harness = await createHarness()
    expect((await post(harness, 'k1', REQUEST)).status).toBe(201)
    expect((await post(harness, 'k1', REQUEST)).status).toBe(200)
    expect((await post(harness, 'k2', REQUEST)).status).toBe(200)
    await expectProblem(await post(harness, 'k3', { ...REQUEST, standby: true }), 409, 'id_in_use')
  })

  test('is tried anew if it was refused', async () => {
    const harness = await createHarness()
    await expectProblem(await post(harness, 'k1', { url, storage: 'unknown' }), 422, 'invalid_request')
    expect((await post(harness, 'k1', { url })).status).toBe(201)
  })

  test('makes another recording a day later', async () => {
    const harness = await createHarness()
    const id = await idOf(await post(harness, 'k1', { url }))
    harness.jump(86_399)
    expect(await idOf(await post(harness, 'k1', { url }))).toBe(id)
    harness.jump(1)
    const later = await post(harness, 'k1', { url })
    expect(later.status).toBe(201)
    expect(await idOf(later)).not.toBe(id)
  })

  test.each(['', 'x'.repeat(256), 'a\tb', 'ä'])('is refused if that is "%s"', async (key) => {
    const harness = await createHarness()
    const problem = await expectProblem(await post(harness, key, { url }), 422, 'invalid_request')
    expect(problem.errors).toMatchObject([{ path: 'idempotency-key' }])
    expect(await idsIn(harness)).toEqual([])
  })

  test.each(['x'.repeat(255), '"8e03978e-40d5"', 'order 7, try 1'])(
    'is accepted if that is "%s"',
    async (key) => {
      const harness = await createHarness()
      expect((await post(harness, key, { url })).status).toBe(201)
      expect((await post(harness, key, { url })).status).toBe(200)
    },
  )
})
