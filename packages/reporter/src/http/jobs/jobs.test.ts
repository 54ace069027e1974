import { describe, expect, test, vi } from 'vitest'
import { expectProblem } from '../../testing/expectProblem.ts'
import { createHarness, type Harness } from '../../testing/harness.ts'
import { MAX_RUNNING_JOBS } from './jobRoutes.ts'
import type { JobSummary, JobView } from './jobView.ts'

const post = async (harness: Harness, body: object, status = 202): Promise<JobView> => {
  const answer = await harness.api('POST', '/v1/jobs', body)
  expect(answer.status).toBe(status)
  return (await answer.json()) as JobView
}

const read = async (harness: Harness, id: string): Promise<JobView> =>
  (await (await harness.api('GET', `/v1/jobs/${id}`)).json()) as JobView

const untilDone = (harness: Harness, id: string): Promise<JobView> =>
  vi.waitFor(async () => {
    const job = await read(harness, id)
    expect(job.state).toBe('done')
    return job
  })

const createAll = async (harness: Harness): Promise<void> => {
  await harness.create({ id: 'a', labels: { course: '7b' } })
  await harness.create({ id: 'b', labels: { course: '7b' } })
  await harness.create({ id: 'c', labels: { course: '8a' } })
}

const desiredOf = async (harness: Harness): Promise<string[]> =>
  Promise.all(['a', 'b', 'c'].map(async (id) => (await harness.recording(id)).desired))

describe('POST /v1/jobs', () => {
  test('stops recordings by their ids, and lists those that cannot be', async () => {
    const harness = await createHarness()
    await createAll(harness)
    const job = await post(harness, { action: 'stop', ids: ['a', 'none', 'c'] })
    expect(job).toMatchObject({ id: expect.stringMatching(/^job_[0-9a-f]{32}$/), state: 'running', total: 3 })
    const done = await untilDone(harness, job.id)
    expect(done).toEqual({
      ...{ id: job.id, action: 'stop', state: 'done', total: 3, done: 2, failedCount: 1 },
      ...{ createdAt: '2026-01-01T00:00:00.000Z', endedAt: '2026-01-01T00:00:00.000Z' },
      failed: [
        {
          id: 'none',
          problem: { code: 'recording_not_found', detail: expect.stringContaining('"none"') },
        },
      ],
    })
    expect(await desiredOf(harness)).toEqual(['stopped', 'running', 'stopped'])
  })

  test.each([
    [{ filter: { labels: { course: '7b' } } }, ['stopped', 'stopped', 'running'], 2],
    [{ filter: { q: 'c' } }, ['running', 'running', 'stopped'], 1],
    [{ filter: { state: ['rolling'] } }, ['running', 'running', 'running'], 0],
    [{ filter: { kind: 'page', attention: false } }, ['stopped', 'stopped', 'stopped'], 3],
    [{ all: true }, ['stopped', 'stopped', 'stopped'], 3],
    [{ filter: {}, all: true }, ['stopped', 'stopped', 'stopped'], 3],
  ])('stops those that %j selects', async (selection, desired, total) => {
    const harness = await createHarness()
    await createAll(harness)
    const { id } = await post(harness, { action: 'stop', ...selection })
    expect(await untilDone(harness, id)).toMatchObject({ total, done: total, failedCount: 0 })
    expect(await desiredOf(harness)).toEqual(desired)
  })

  test('selects no stopped ones unless it is asked to', async () => {
    const harness = await createHarness()
    await createAll(harness)
    await harness.api('POST', '/v1/recordings/a/stop')
    await harness.drainEffects()
    const all = await post(harness, { action: 'restart', all: true })
    expect(all.total).toBe(2)
    const stopped = await post(harness, { action: 'restart', filter: { state: ['stopped'] } })
    expect(await untilDone(harness, stopped.id)).toMatchObject({
      ...{ total: 1, failedCount: 1 },
      failed: [{ id: 'a', problem: { code: 'recording_stopped' } }],
    })
  })

  test.each(['pause', 'resume', 'restart'])('with %s does what the single command does', async (action) => {
    const [one, many] = [await createHarness(), await createHarness()]
    for (const harness of [one, many]) await harness.rolling({ id: 'a', standby: true })
    await one.api('POST', `/v1/recordings/a/${action}`)
    await untilDone(many, (await post(many, { action, ids: ['a'] })).id)
    for (const harness of [one, many]) await harness.drainEffects()
    const codes = async (harness: Harness) => (await harness.timeline('a')).map(({ code }) => code)
    expect(await codes(many)).toEqual(await codes(one))
    const standby = async (harness: Harness) => (await harness.timeline('a~standby')).map(({ code }) => code)
    expect(await standby(many)).toEqual(await standby(one))
  })

  test('can be sent again with an id, and a different request with it is refused', async () => {
    const harness = await createHarness()
    await createAll(harness)
    const request = { id: 'evening', action: 'restart', filter: { labels: { course: '7b' } } }
    await post(harness, request)
    await untilDone(harness, 'evening')
    expect(await post(harness, request, 200)).toMatchObject({ state: 'done', done: 2 })
    const { errors } = await expectProblem(
      await harness.api('POST', '/v1/jobs', { ...request, action: 'stop' }),
      409,
      'id_in_use',
    )
    expect(errors?.map(({ path }) => path)).toEqual(['action'])
    const requested = (await harness.timeline('a')).filter(({ code }) => code.endsWith('restart_requested'))
    expect(requested).toHaveLength(1)
  })

  test.each([
    [{ action: 'stop', filter: {} }, 'filter'],
    [{ action: 'stop' }, 'ids'],
    [{ action: 'stop', ids: ['a'], filter: { q: 'a' } }, 'filter'],
    [{ action: 'stop', ids: ['a'], all: true }, 'all'],
    [{ action: 'stop', filter: { q: 'a' }, all: true }, 'all'],
    [{ action: 'stop', ids: [] }, 'ids'],
    [{ action: 'stop', ids: ['a', 'a'] }, 'ids'],
    [{ action: 'delete', all: true }, 'action'],
    [{ action: 'stop', all: false }, 'all'],
    [{ action: 'stop', filter: { status: 'failed' } }, 'filter.status'],
    [{ action: 'stop', filter: { state: [] } }, 'filter.state'],
    [{ action: 'stop', all: true, id: 'a b' }, 'id'],
  ])('refuses %j, and stops nothing', async (body, path) => {
    const harness = await createHarness()
    await createAll(harness)
    const { errors } = await expectProblem(await harness.api('POST', '/v1/jobs', body), 422)
    expect(errors?.map((error) => error.path)).toContain(path)
    expect(await desiredOf(harness)).toEqual(['running', 'running', 'running'])
  })

  test('is refused while too many jobs run', async () => {
    const harness = await createHarness()
    await harness.parts.jobs.stop()
    for (let count = 0; count < MAX_RUNNING_JOBS; count += 1) {
      await post(harness, { id: `job${count}`, action: 'stop', ids: ['a'] })
    }
    const refused = await harness.api('POST', '/v1/jobs', { action: 'stop', ids: ['a'] })
    await expectProblem(refused, 409, 'too_many_jobs')
    await post(harness, { id: 'job0', action: 'stop', ids: ['a'] }, 200)
    await harness.api('POST', '/v1/jobs/job0/cancel')
    await post(harness, { action: 'stop', ids: ['a'] })
  })
})

describe('jobs', () => {
  test('are listed newest first, page by page', async () => {
    const harness = await createHarness()
    for (const id of ['one', 'two', 'three']) await post(harness, { id, action: 'stop', ids: ['a'] })
    const list = async (query: string) =>
      (await (await harness.api('GET', `/v1/jobs${query}`)).json()) as {
        items: JobSummary[]
        next: number | null
      }
    const first = await list('?limit=2')
    expect(first.items.map(({ id }) => id)).toEqual(['three', 'two'])
    const second = await list(`?limit=2&before=${first.next}`)
    expect(second.items.map(({ id }) => id)).toEqual(['one'])
    expect(second.next).toBeNull()
  })

  test('are cancelled, and an unknown one is answered 404', async () => {
    const harness = await createHarness()
    await createAll(harness)
    await harness.parts.jobs.stop()
    await post(harness, { id: 'evening', action: 'stop', all: true })
    const answer = await harness.api('POST', '/v1/jobs/evening/cancel')
    expect(await answer.json()).toMatchObject({ state: 'cancelled', total: 3, done: 0 })
    await harness.crash()
    await untilDone(harness, (await post(harness, { action: 'stop', ids: ['c'] })).id)
    expect(await desiredOf(harness)).toEqual(['running', 'running', 'stopped'])
    await expectProblem(await harness.api('POST', '/v1/jobs/none/cancel'), 404, 'job_not_found')
    await expectProblem(await harness.api('GET', '/v1/jobs/none'), 404, 'job_not_found')
  })

  test('go on after a crash, and command each recording once', async () => {
    const harness = await createHarness()
    await createAll(harness)
    await harness.parts.jobs.stop()
    await post(harness, { id: 'evening', action: 'restart', all: true })
    await harness.crash()
    await untilDone(harness, 'evening')
    for (const id of ['a', 'b', 'c']) {
      const requested = (await harness.timeline(id)).filter(({ code }) => code.endsWith('restart_requested'))
      expect(requested).toHaveLength(1)
    }
  })

  test('need a key', async () => {
    const harness = await createHarness()
    await expectProblem(await harness.request('/v1/jobs'), 401)
    await expectProblem(await harness.request('/v1/jobs/evening/cancel', { method: 'POST' }), 401)
  })
})
