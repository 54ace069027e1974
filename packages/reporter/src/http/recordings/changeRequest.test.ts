import { describe, expect, test } from 'vitest'
import { expectProblem } from '../../testing/expectProblem.ts'
import { createHarness, type Harness, REQUEST } from '../../testing/harness.ts'
import type { RecordingView } from './recordingView.ts'

const patch = (harness: Harness, body: unknown, headers?: Record<string, string>): Promise<Response> =>
  harness.api('PATCH', `/v1/recordings/${REQUEST.id}`, body, headers)

const patched = async (harness: Harness, body: unknown): Promise<RecordingView> => {
  const response = await patch(harness, body)
  expect(response.status).toBe(200)
  return (await response.json()) as RecordingView
}

const changesOf = async (harness: Harness, id?: string): Promise<unknown[]> =>
  (await harness.timeline(id))
    .filter(({ code }) => code === 'recording.changed')
    .map(({ evidence }) => evidence.fields)

const CREATED = {
  labels: { course: '7b' },
  metadata: { secret: 'hunter2' },
  policy: { restart: { jitter: 0 }, unhealthyTimeout: 25 },
}

const created = async (body: Record<string, unknown> = CREATED): Promise<Harness> => {
  const harness = await createHarness()
  await harness.rolling(body)
  return harness
}

describe('PATCH /v1/recordings/:id of a page', () => {
  test('changes labels, metadata and policy, names them on the timeline, and repeats no value of metadata', async () => {
    const harness = await created()
    const view = await patched(harness, {
      labels: { course: '8', room: 'Aula' },
      metadata: { password: 'hunter3' },
      policy: { heartbeatTimeout: 40, restart: { maxFailures: 9 } },
    })
    expect(view).toMatchObject({
      labels: { course: '8', room: 'Aula' },
      metadata: { password: 'hunter3' },
      policy: {
        heartbeatTimeout: 40,
        unhealthyTimeout: 25,
        restart: { maxFailures: 9, jitter: 0, delays: [0] },
      },
    })
    expect(view.metadata).toEqual({ password: 'hunter3' })
    expect(await harness.recording()).toEqual(view)
    expect(await changesOf(harness)).toEqual([
      ['policy.heartbeatTimeout', 'policy.restart.maxFailures', 'labels', 'metadata'],
    ])
    expect(JSON.stringify([await harness.timeline(), harness.log()])).not.toContain('hunter')
  })

  test('is found by its new labels, and not by the former ones', async () => {
    const harness = await created()
    await patched(harness, { labels: { room: 'Aula' } })
    const found = async (query: string): Promise<number> => {
      const response = await harness.api('GET', `/v1/recordings?${query}`)
      const { items } = (await response.json()) as { items: unknown[] }
      return items.length
    }
    expect([await found('label.room=Aula'), await found('label.course=7b')]).toEqual([1, 0])
  })

  test('twice changes nothing the second time, not even the version', async () => {
    const harness = await created()
    const body = { labels: { room: 'Aula' }, policy: { unhealthyTimeout: 7 }, metadata: { a: [1] } }
    await patched(harness, body)
    const before = await harness.dump()
    await patched(harness, body)
    // What the policy is already changes nothing either.
    await patched(harness, { policy: { heartbeatTimeout: 30 } })
    expect(await harness.dump()).toEqual(before)
  })

  test('leaves the request to start as it was: sent again, it is the same', async () => {
    const harness = await created({ labels: { course: '7b' } })
    await patched(harness, {
      labels: {},
      metadata: { a: 1 },
      policy: { unhealthyTimeout: 7 },
      expect: ['#a'],
    })
    await patched(harness, { labels: { b: 'c' }, policy: { reloadGrace: 7 } })
    await harness.crash()
    const again = await harness.api('POST', '/v1/recordings', { ...REQUEST, labels: { course: '7b' } })
    expect(again.status).toBe(200)
    expect(await again.json()).toMatchObject({ labels: { b: 'c' }, policy: { unhealthyTimeout: 7 } })
    const other = await harness.api('POST', '/v1/recordings', { ...REQUEST, labels: { b: 'c' } })
    const { errors } = await expectProblem(other, 409, 'id_in_use')
    expect(errors?.map(({ path }) => path)).toEqual(['labels.course', 'labels.b'])
  })

  test('does not take up what DEFAULT_POLICY has become since', async () => {
    const harness = await createHarness({ defaultPolicy: { unhealthyTimeout: 33 } })
    await harness.create()
    const { db } = harness
    const later = await createHarness({ defaultPolicy: { unhealthyTimeout: 44 } }, { db })
    expect(await patched(later, { policy: { reloadGrace: 50 } })).toMatchObject({
      policy: { unhealthyTimeout: 33, reloadGrace: 50 },
    })
  })

  test('moves deadlines that are armed', async () => {
    const harness = await created()
    await patched(harness, { policy: { heartbeatInterval: 5, heartbeatTimeout: 15 } })
    await harness.report({})
    expect(await (await harness.report({})).json()).toMatchObject({ interval: 5 })
    await harness.pass(16)
    expect((await harness.timeline()).map(({ code }) => code)).toContain('page.silent')
  })

  test('changes the standby with it', async () => {
    const harness = await createHarness()
    await harness.create({ standby: true })
    await patched(harness, { policy: { unhealthyTimeout: 7 }, labels: { a: 'b' } })
    const standby = await harness.recording(`${REQUEST.id}~standby`)
    expect(standby).toMatchObject({ policy: { unhealthyTimeout: 7 }, labels: { a: 'b' } })
    expect(await changesOf(harness, `${REQUEST.id}~standby`)).toEqual([['policy.unhealthyTimeout', 'labels']])
  })

  test.each<[object, string, string]>([
    [{}, '', 'must have at least one of policy, startAt'],
    [{ url: 'https://other.test' }, 'url', 'cannot be changed'],
    [{ id: 'other' }, 'id', 'cannot be changed'],
    [{ kind: 'channel', labels: {} }, 'kind', 'cannot be changed'],
    [{ channel: 'math' }, 'channel', 'cannot be changed'],
    [{ standby: true }, 'standby', 'cannot be changed'],
    [{ storage: 'other' }, 'storage', 'cannot be changed'],
    [{ colour: 'red' }, 'colour', 'is not a known field'],
    [{ policy: { colour: 'red' } }, 'policy.colour', 'is not a known field'],
    [{ policy: { onIdleExit: 'wait' } }, 'policy.onIdleExit', 'is only for recordings of a channel'],
    [
      { policy: { heartbeatTimeout: 5 } },
      'policy.heartbeatTimeout',
      'must be at least 2 × heartbeatInterval',
    ],
    [{ policy: { readyTimeout: 0, fence: true } }, 'policy.fence', 'needs a readyTimeout above 0'],
    [{ labels: { 'a b': 'c' } }, 'labels.a b', 'must have 1 to 63 letters'],
    [{ metadata: { a: 'b'.repeat(4096) } }, 'metadata', 'must be at most 4 KiB'],
    [{ expect: [{ element: '#a', text: 'b' }] }, 'expect.0', 'must have exactly one of'],
  ])('answers 422 to %j', async (body, path, message) => {
    const harness = await created()
    const { errors = [] } = await expectProblem(await patch(harness, body), 422, 'invalid_request')
    expect(errors).toContainEqual({ path, message: expect.stringContaining(message) })
    expect(await changesOf(harness)).toEqual([])
  })

  test('answers 422 to handOver "replace" of a page with a standby', async () => {
    const harness = await createHarness()
    await harness.create({ standby: true })
    const { errors } = await expectProblem(await patch(harness, { policy: { handOver: 'replace' } }), 422)
    expect(errors).toMatchObject([{ path: 'policy.handOver' }])
  })

  test('changes neither of two twins if one value is wrong, and answers 409 after a stop', async () => {
    const harness = await created()
    const before = await harness.dump()
    await expectProblem(await patch(harness, { labels: {}, policy: { heartbeatTimeout: 1 } }), 422)
    expect(await harness.dump()).toEqual(before)
    await harness.api('POST', `/v1/recordings/${REQUEST.id}/stop`)
    await expectProblem(await patch(harness, { labels: {} }), 409, 'recording_stopped')
  })
})

describe('the expectations of a recording', () => {
  test('come with the answer to the next report of its page', async () => {
    const harness = await created({ expect: ['#board'] })
    const answerTo = async (): Promise<unknown> => (await harness.report({})).json()
    expect(await answerTo()).toMatchObject({ expect: ['#board'], media: [] })
    await patched(harness, { expect: [], media: [{ media: 'video', sound: true }] })
    expect(await answerTo()).toMatchObject({ expect: [], media: [{ media: 'video', sound: true }] })
    expect(await harness.recording()).toMatchObject({ expect: [], media: [{ media: 'video', sound: true }] })
    expect(await changesOf(harness)).toEqual([['expect', 'media']])
  })
})

describe('If-Match', () => {
  test('lets a change through whose version is the stored one', async () => {
    const harness = await created()
    const read = await harness.api('GET', `/v1/recordings/${REQUEST.id}`)
    const etag = read.headers.get('etag') ?? ''
    expect(etag).toBe(`"${((await read.json()) as RecordingView).version}"`)
    const changed = await patch(harness, { labels: { a: 'b' } }, { 'if-match': etag })
    expect(changed.status).toBe(200)
    const next = changed.headers.get('etag')
    expect(next).not.toBe(etag)
    const stale = await patch(harness, { labels: { a: 'c' } }, { 'if-match': etag })
    expect(stale.headers.get('etag')).toBe(next)
    const { detail } = await expectProblem(stale, 412, 'version_conflict')
    expect(detail).toContain(`its version is ${next?.replaceAll('"', '')} now`)
    expect(await harness.recording()).toMatchObject({ labels: { a: 'b' } })
  })

  test('is that of the recording, whatever version its standby has', async () => {
    const harness = await createHarness()
    await harness.create({ standby: true })
    const { recording, version } = (await harness.parts.engine.load(REQUEST.id)) ?? {}
    expect(recording).toBeDefined()
    await harness.parts.engine.handle(`${REQUEST.id}~standby`, { type: 'restart' })
    const changed = await patch(harness, { labels: { a: 'b' } }, { 'if-match': `"${version}"` })
    expect(changed.status).toBe(200)
    expect(await harness.recording(`${REQUEST.id}~standby`)).toMatchObject({ labels: { a: 'b' } })
  })

  test.each([
    ['*', 200],
    [' * ', 200],
    ['"7", "VERSION"', 200],
    [', "VERSION" ,, "9"', 200],
    ['W/"VERSION"', 412],
    ['"7", W/"VERSION"', 412],
    ['""', 412],
    ['"7"', 412],
    ['VERSION', 422],
    ['"VERSION', 422],
    ['"7" "VERSION"', 422],
    ['"7", *', 422],
    ['w/"VERSION"', 422],
  ])('of %j is answered %i', async (header, status) => {
    const harness = await created()
    const { version } = await harness.recording()
    const ifMatch = header.replace('VERSION', String(version))
    const response = await patch(harness, { labels: { a: 'b' } }, { 'if-match': ifMatch })
    expect(response.status).toBe(status)
    expect((await harness.recording()).version).toBe(status === 200 ? version + 1 : version)
  })

  test.each(['POST', 'GET', 'PATCH'])('goes with the ETag of each answer: %s', async (method) => {
    const harness = await createHarness()
    const posted = await harness.api('POST', '/v1/recordings', REQUEST)
    const answers = [posted, await harness.api('POST', '/v1/recordings', REQUEST)]
    if (method === 'GET') answers.push(await harness.api('GET', `/v1/recordings/${REQUEST.id}`))
    if (method === 'PATCH') answers.push(await patch(harness, { labels: { a: 'b' } }))
    answers.push(await harness.api('POST', `/v1/recordings/${REQUEST.id}/stop`))
    for (const answer of answers) {
      const { version } = (await answer.json()) as RecordingView
      expect(answer.headers.get('etag')).toBe(`"${version}"`)
    }
  })
})
