import { describe, expect, test } from 'vitest'
import { expectProblem } from '../../testing/expectProblem.ts'
import { createHarness, type Harness, REQUEST } from '../../testing/harness.ts'
import { hashOfKey } from '../auth.ts'
import type { KeyView } from './keyView.ts'

type NewKey = KeyView & { secret: string }

const LOCAL = { host: '127.0.0.1:8080' }

const make = async (harness: Harness, scope: string, name = 'backend'): Promise<NewKey> => {
  const response = await harness.api('POST', '/v1/keys', { name, scope })
  expect(response.status).toBe(201)
  return (await response.json()) as NewKey
}

const call = (
  harness: Harness,
  secret: string | undefined,
  method = 'GET',
  path = '/v1/recordings',
  body?: unknown,
): Promise<Response> =>
  harness.request(path, {
    method,
    headers: {
      ...(secret === undefined ? LOCAL : { authorization: `Bearer ${secret}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })

const list = async (harness: Harness, secret?: string): Promise<KeyView[]> => {
  const response =
    secret === undefined ? harness.api('GET', '/v1/keys') : call(harness, secret, 'GET', '/v1/keys')
  return ((await (await response).json()) as { items: KeyView[] }).items
}

describe('an API key that was made', () => {
  test('is accepted, also by the next process, and its secret is shown once and stored nowhere', async () => {
    const harness = await createHarness()
    const response = await harness.api('POST', '/v1/keys', { name: 'Büro 7: backend', scope: 'read' })
    expect(response.headers.get('cache-control')).toBe('no-store')
    const { secret, ...key } = (await response.json()) as NewKey
    expect(secret).toMatch(/^sr_[A-Za-z0-9_-]{43}$/)
    expect(key).toEqual({
      ...{ id: expect.stringMatching(/^key_[0-9a-f]{16}$/), name: 'Büro 7: backend', scope: 'read' },
      ...{ createdAt: new Date(harness.now()).toISOString(), lastUsedAt: null, revokedAt: null },
    })
    expect((await call(harness, secret)).status).toBe(200)
    await harness.crash()
    expect((await call(harness, secret)).status).toBe(200)
    expect(await list(harness)).toMatchObject([{ id: key.id }])
    const everything = JSON.stringify([await harness.dump(), harness.log(), await list(harness)])
    expect(everything).not.toContain(secret)
    expect(everything).not.toContain(secret.slice(3))
  })

  test('is refused in any other form', async () => {
    const harness = await createHarness()
    const { secret, id } = await make(harness, 'admin')
    for (const wrong of [secret.slice(0, -1), `${secret}x`, secret.toUpperCase(), id, hashOfKey(secret)]) {
      await expectProblem(await call(harness, wrong), 401, 'invalid_api_key')
    }
  })

  test('is refused from the moment on at which it is revoked', async () => {
    const harness = await createHarness()
    const { secret, id } = await make(harness, 'write')
    expect((await call(harness, secret)).status).toBe(200)
    harness.jump(1)
    const response = await harness.api('DELETE', `/v1/keys/${id}`)
    expect(response.status).toBe(200)
    const revokedAt = new Date(harness.now()).toISOString()
    expect(await response.json()).toMatchObject({ id, revokedAt })
    await expectProblem(await call(harness, secret), 401, 'invalid_api_key')
    harness.jump(1)
    expect(await (await harness.api('DELETE', `/v1/keys/${id}`)).json()).toMatchObject({ revokedAt })
    expect(await list(harness)).toMatchObject([{ id, revokedAt }])
    await harness.crash()
    await expectProblem(await call(harness, secret), 401, 'invalid_api_key')
  })

  test('is refused within seconds if another process has revoked it', async () => {
    const harness = await createHarness()
    const { secret, id } = await make(harness, 'read')
    expect((await call(harness, secret)).status).toBe(200)
    await harness.db.updateTable('api_keys').set({ revoked_at: harness.now() }).where('id', '=', id).execute()
    expect((await call(harness, secret)).status).toBe(200)
    harness.jump(5)
    await expectProblem(await call(harness, secret), 401, 'invalid_api_key')
  })

  test('has the time of its last use, which is written once a minute', async () => {
    const harness = await createHarness()
    const { secret } = await make(harness, 'read')
    const usedAt: (string | null | undefined)[] = []
    for (const seconds of [1, 30, 30]) {
      harness.jump(seconds)
      await call(harness, secret)
      usedAt.push((await list(harness))[0]?.lastUsedAt)
    }
    const startedAt = harness.now() - 61_000
    const expected = [1000, 1000, 61_000].map((after) => new Date(startedAt + after).toISOString())
    expect(usedAt).toEqual(expected)
  })

  test('needs a name and a scope', async () => {
    const harness = await createHarness()
    const wrong: [string, unknown][] = [
      ['name', { scope: 'read' }],
      ['name', { name: '', scope: 'read' }],
      ['name', { name: 'a\nb', scope: 'read' }],
      ['name', { name: 'x'.repeat(65), scope: 'read' }],
      ['scope', { name: 'a' }],
      ['scope', { name: 'a', scope: 'root' }],
      ['secret', { name: 'a', scope: 'read', secret: 'sr_mine' }],
    ]
    for (const [path, body] of wrong) {
      const problem = await expectProblem(await harness.api('POST', '/v1/keys', body), 422)
      expect(problem.errors).toMatchObject([{ path }])
    }
    expect(await list(harness)).toEqual([])
  })

  test('is unknown by another id', async () => {
    const harness = await createHarness()
    await expectProblem(await harness.api('DELETE', '/v1/keys/key_1'), 404, 'key_not_found')
  })
})

describe('a scope', () => {
  const calls: [needed: string, method: string, path: string, body?: unknown][] = [
    ['read', 'GET', '/v1/recordings'],
    ['read', 'HEAD', '/v1/recordings/class42'],
    ['read', 'GET', '/v1/recordings/class42/timeline'],
    ['read', 'GET', '/v1/deliveries'],
    ['read', 'GET', '/v1/destinations'],
    ['read', 'GET', '/v1/summary'],
    ['write', 'POST', '/v1/recordings', { ...REQUEST, id: 'other' }],
    ['write', 'PATCH', '/v1/recordings/class42', {}],
    ['write', 'POST', '/v1/recordings/class42/pause'],
    ['write', 'POST', '/v1/recordings/class42/stop'],
    ['admin', 'GET', '/v1/keys'],
    ['admin', 'POST', '/v1/keys', { name: 'a', scope: 'admin' }],
    ['admin', 'DELETE', '/v1/keys/key_1'],
    ['admin', 'POST', '/v1/backup'],
    ['admin', 'POST', '/v1/destinations/backend/pause'],
    ['admin', 'POST', '/v1/deliveries/dlv_1/redeliver'],
    ['admin', 'POST', '/v1/deliveries/test', { destination: 'backend' }],
  ]
  const Scopes = ['read', 'write', 'admin']

  test.each(Scopes)(
    '%s admits to what it and those before it name, and nothing else changes anything',
    async (scope) => {
      const harness = await createHarness()
      await harness.create()
      const { secret } = await make(harness, scope)
      for (const [needed, method, path, body] of calls) {
        const isCovered = Scopes.indexOf(scope) >= Scopes.indexOf(needed)
        const before = isCovered ? undefined : await harness.dump()
        const response = await call(harness, secret, method, path, body)
        if (isCovered) {
          expect([401, 403], `${method} ${path}`).not.toContain(response.status)
          await response.arrayBuffer()
          continue
        }
        expect(response.headers.get('www-authenticate')).toBe(
          `Bearer error="insufficient_scope", scope="${needed}"`,
        )
        const { detail } = await expectProblem(response, 403, 'insufficient_scope')
        expect(detail).toContain(`"${needed}"`)
        const { api_keys: _, ...after } = await harness.dump()
        expect(after).toEqual({ ...before, api_keys: undefined })
      }
    },
  )

  test('of administration is needed by these calls alone, and reading by all others that get something', async () => {
    const harness = await createHarness()
    const { paths } = (await (await harness.request('/openapi.json')).json()) as {
      paths: Record<string, Record<string, { operationId: string; description: string }>>
    }
    const needing = (scope: string) =>
      Object.entries(paths).flatMap(([path, methods]) =>
        Object.entries(methods).flatMap(([method, { operationId, description }]) =>
          description.includes(`the scope \`${scope}\``) ? [{ path, method, operationId }] : [],
        ),
      )
    expect(
      needing('admin')
        .map(({ operationId }) => operationId)
        .toSorted(),
    ).toEqual([
      ...['createBackup', 'createKey', 'listKeys', 'pauseDestination', 'redeliver', 'redeliverFailed'],
      ...['resumeDestination', 'revokeKey', 'sendTestDelivery'],
    ])
    expect(needing('write').filter(({ method }) => method === 'get')).toEqual([])
    expect(needing('read')).toEqual([])
  })
})

describe('without a configured key', () => {
  const keyless = (): Promise<Harness> => createHarness({ apiKeys: [] })

  test('the first key is made on this machine, and needed from then on there as well', async () => {
    const harness = await keyless()
    const body = { name: 'ops', scope: 'admin' }
    const foreign = { host: 'reporter.example.com', 'content-type': 'application/json' }
    const refused = await harness.request('/v1/keys', {
      method: 'POST',
      headers: foreign,
      body: JSON.stringify(body),
    })
    await expectProblem(refused, 401, 'invalid_api_key')
    expect((await call(harness, undefined)).status).toBe(200)
    const made = await call(harness, undefined, 'POST', '/v1/keys', body)
    expect(made.status).toBe(201)
    const { secret } = (await made.json()) as NewKey
    await expectProblem(await call(harness, undefined), 401, 'invalid_api_key')
    expect((await call(harness, secret)).status).toBe(200)
    await harness.crash()
    await expectProblem(await call(harness, undefined), 401, 'invalid_api_key')
    expect((await call(harness, secret)).status).toBe(200)
  })

  test('there is always one that can make others', async () => {
    const harness = await keyless()
    const first = { name: 'page', scope: 'read' }
    await expectProblem(await call(harness, undefined, 'POST', '/v1/keys', first), 409, 'admin_key_needed')
    expect((await call(harness, undefined)).status).toBe(200)
    const made = await call(harness, undefined, 'POST', '/v1/keys', { name: 'ops', scope: 'admin' })
    const { id, secret } = (await made.json()) as NewKey
    const other = await call(harness, secret, 'POST', '/v1/keys', { name: 'page', scope: 'read' })
    expect(other.status).toBe(201)
    const { id: readId } = (await other.json()) as NewKey
    await expectProblem(await call(harness, secret, 'DELETE', `/v1/keys/${id}`), 409, 'admin_key_needed')
    expect((await call(harness, secret, 'DELETE', `/v1/keys/${readId}`)).status).toBe(200)
    const second = (await (
      await call(harness, secret, 'POST', '/v1/keys', { name: 'ops2', scope: 'admin' })
    ).json()) as NewKey
    const both = [
      call(harness, secret, 'DELETE', `/v1/keys/${id}`),
      call(harness, secret, 'DELETE', `/v1/keys/${second.id}`),
    ]
    expect((await Promise.all(both)).map(({ status }) => status).toSorted()).toEqual([200, 409])
  })

  test('a key that the configuration names later is one of all', async () => {
    const harness = await keyless()
    const made = await call(harness, undefined, 'POST', '/v1/keys', { name: 'ops', scope: 'admin' })
    const { id, secret } = (await made.json()) as NewKey
    const later = await createHarness({}, { db: harness.db })
    expect((await call(later, secret)).status).toBe(200)
    expect((await later.api('DELETE', `/v1/keys/${id}`)).status).toBe(200)
    await expectProblem(await call(later, secret), 401, 'invalid_api_key')
  })
})

describe('the timeline', () => {
  test('says with which key a person or a program has requested what', async () => {
    const harness = await createHarness()
    const { secret } = await make(harness, 'write', 'Büro 7')
    const body = { ...REQUEST, standby: true }
    expect((await call(harness, secret, 'POST', '/v1/recordings', body)).status).toBe(201)
    await harness.drainEffects()
    for (const command of ['pause', 'resume', 'restart']) {
      await call(harness, secret, 'POST', `/v1/recordings/class42/${command}`)
    }
    await call(harness, secret, 'PATCH', '/v1/recordings/class42', { metadata: { lesson: 8 } })
    await harness.api('POST', '/v1/recordings/class42/stop')
    await harness.drainEffects()
    const requested = {
      'recording.created': 'Büro 7',
      'recording.pause_requested': 'Büro 7',
      'recording.resume_requested': 'Büro 7',
      'recording.restart_requested': 'Büro 7',
      'recording.changed': 'Büro 7',
      'recording.stop_requested': 'STILLROLLING_API_KEYS',
    }
    for (const id of ['class42', 'class42~standby']) {
      const named = (await harness.timeline(id)).flatMap(({ code, evidence }) => {
        const { by } = evidence as { by?: string }
        return by === undefined ? [] : [[code, by]]
      })
      expect(named).toEqual(Object.entries(requested))
    }
  })

  test('names this machine while no key is needed', async () => {
    const harness = await createHarness({ apiKeys: [] })
    await call(harness, undefined, 'POST', '/v1/recordings', REQUEST)
    const entries = await harness.db.selectFrom('timeline').selectAll().orderBy('id').execute()
    expect(entries.map(({ code, evidence }) => [code, JSON.parse(evidence).by])[0]).toEqual([
      'recording.created',
      'this machine',
    ])
  })
})
