import { sql } from 'kysely'
import { describe, expect, test } from 'vitest'
import { expectProblem } from '../testing/expectProblem.ts'
import { createHarness, type Harness } from '../testing/harness.ts'
import type { RecordingView, TimelineView } from './recordingView.ts'

interface Page<Item> {
  items: Item[]
  next: string | null
}

describe('GET /v1/recordings', () => {
  test('lists newest first, page by page', async () => {
    const harness = await createHarness()
    for (const id of ['a', 'b', 'c', 'd', 'e']) {
      await harness.create({ id })
      if (id !== 'c') harness.jump(1)
    }
    const seen: string[][] = []
    for (let before = ''; ; ) {
      const response = await harness.api('GET', `/v1/recordings?limit=2${before}`)
      const { items, next } = (await response.json()) as Page<RecordingView>
      seen.push(items.map(({ id }) => id))
      if (next === null) break
      before = `&before=${next}`
    }
    expect(seen).toEqual([['e', 'd'], ['c', 'b'], ['a']])
  })

  test('filters by state', async () => {
    const harness = await createHarness()
    await harness.rolling({ id: 'rolling' })
    await harness.create({ id: 'loading' })
    const list = async (state: string): Promise<string[]> => {
      const response = await harness.api('GET', `/v1/recordings?state=${state}`)
      return ((await response.json()) as Page<RecordingView>).items.map(({ id }) => id)
    }
    expect(await list('rolling')).toEqual(['rolling'])
    expect(await list('loading')).toEqual(['loading'])
    expect(await list('failed')).toEqual([])
  })

  test.each(['state=gone', 'limit=0', 'limit=abc', 'limit=501', 'limit='])('refuses %s', async (query) => {
    const harness = await createHarness()
    const response = await harness.api('GET', `/v1/recordings?${query}`)
    expect((await expectProblem(response, 422)).errors?.[0]?.path).toBe(query.split('=')[0])
  })

  test('lists the others when one row cannot be read, and logs which', async () => {
    const harness = await createHarness()
    await harness.create({ id: 'good' })
    await harness.create({ id: 'damaged' })
    await sql`update recordings set body = 'junk' where id = 'damaged'`.execute(harness.db)
    const response = await harness.api('GET', '/v1/recordings')
    expect(((await response.json()) as Page<RecordingView>).items.map(({ id }) => id)).toEqual(['good'])
    expect(harness.log().at(-1)).toMatchObject({
      msg: 'a recording is left out of the list',
      err: { message: expect.stringContaining('damaged') },
    })
  })
})

describe('GET /v1/recordings/:id', () => {
  test('shows the attempts and what is waited for, heartbeats in memory included', async () => {
    const harness = await createHarness()
    await harness.rolling()
    harness.jump(7)
    await harness.report({ type: 'heartbeat' })
    expect(await harness.recording()).toMatchObject({
      state: 'rolling',
      deadlines: { beatBy: '2026-01-01T00:00:37.000Z' },
      attempts: [
        {
          number: 1,
          state: 'current',
          uid: '900001',
          resourceId: 'resource1',
          sid: 'sid1',
          loadedAt: '2026-01-01T00:00:00.000Z',
          lastBeatAt: '2026-01-01T00:00:07.000Z',
          endReason: null,
        },
      ],
    })
    const list = (await (await harness.api('GET', '/v1/recordings')).json()) as Page<RecordingView>
    expect(list.items).toEqual([await harness.recording()])
  })

  test.each([
    ['GET', ''],
    ['GET', '/timeline'],
    ['POST', '/stop'],
    ['POST', '/restart'],
  ])('%s …%s answers 404 to an unknown id', async (method, suffix) => {
    const harness = await createHarness()
    const response = await harness.api(method, `/v1/recordings/nobody${suffix}`)
    expect((await expectProblem(response, 404)).detail).toContain('"nobody"')
  })
})

describe('GET /v1/recordings/:id/timeline', () => {
  test('tells the story oldest first, page by page', async () => {
    const harness = await createHarness()
    await harness.create({ id: 'other' })
    await harness.rolling()
    const whole = await harness.timeline()
    expect(whole.map(({ code }) => code)).toEqual([
      'recording.created',
      'attempt.requested',
      'attempt.started',
      'page.hello',
      'page.loaded',
      'recording.rolling',
    ])
    const read = async (after: number): Promise<{ items: TimelineView[]; next: number | null }> => {
      const response = await harness.api('GET', `/v1/recordings/class42/timeline?limit=4&after=${after}`)
      return (await response.json()) as { items: TimelineView[]; next: number | null }
    }
    const first = await read(0)
    const second = await read(first.next ?? 0)
    expect([...first.items, ...second.items]).toEqual(whole)
    expect(first.next).toBe(first.items[3]?.id)
    expect(second.next).toBeNull()
  })

  test.each(['after=-1', 'after=x', 'limit=1001'])('refuses %s', async (query) => {
    const harness = await createHarness()
    await harness.create()
    const response = await harness.api('GET', `/v1/recordings/class42/timeline?${query}`)
    expect(response.status).toBe(422)
  })
})

describe('POST /v1/recordings/:id/stop', () => {
  test('stops for good, and again is no error', async () => {
    const harness = await createHarness()
    await harness.rolling()
    const response = await harness.api('POST', '/v1/recordings/class42/stop')
    expect(response.status).toBe(200)
    expect(await response.json()).toMatchObject({ desired: 'stopped', state: 'stopping' })
    await harness.drainEffects()
    expect(await harness.recording()).toMatchObject({
      desired: 'stopped',
      state: 'stopped',
      reason: { code: 'stopped' },
      attempts: [{ state: 'ended', endReason: { code: 'stopped' } }],
    })
    const again = await harness.api('POST', '/v1/recordings/class42/stop')
    expect(again.status).toBe(200)
    await harness.drainEffects()
    expect(harness.agora.calls().filter((call) => call === 'stop')).toHaveLength(1)
  })
})

describe('POST /v1/recordings/:id/restart', () => {
  test('makes a new attempt and stops the old one', async () => {
    const harness = await createHarness()
    await harness.rolling()
    const response = await harness.api('POST', '/v1/recordings/class42/restart')
    expect(response.status).toBe(200)
    await harness.drainEffects()
    expect(await harness.recording()).toMatchObject({
      state: 'loading',
      attempts: [
        { number: 1, state: 'ended', endReason: { code: 'restarted' } },
        { number: 2, state: 'current', uid: '900002', sid: 'sid2' },
      ],
    })
  })

  test('answers 409 after a stop, and changes nothing', async () => {
    const harness = await createHarness()
    await harness.rolling()
    await harness.api('POST', '/v1/recordings/class42/stop')
    await harness.drainEffects()
    const before = await harness.dump()
    const response = await harness.api('POST', '/v1/recordings/class42/restart')
    await expectProblem(response, 409)
    expect(await harness.dump()).toEqual(before)
  })
})

describe('POST /v1/recordings/:id/pause and resume', () => {
  const updates = (harness: Harness): unknown[] =>
    harness.agora.sent.filter(({ call }) => call === 'update').map(({ body }) => body)
  const hold = (onhold: boolean): unknown => ({
    cname: 'class42',
    uid: '900001',
    clientRequest: { webRecordingConfig: { onhold } },
  })

  test('has Agora write nothing, and write again; again is no error', async () => {
    const harness = await createHarness()
    await harness.rolling()
    const response = await harness.api('POST', '/v1/recordings/class42/pause')
    expect(response.status).toBe(200)
    expect(await response.json()).toMatchObject({ paused: true, attempts: [{ onhold: false }] })
    await harness.drainEffects()
    expect((await harness.api('POST', '/v1/recordings/class42/pause')).status).toBe(200)
    await harness.drainEffects()
    expect(updates(harness)).toEqual([hold(true)])
    expect(await harness.recording()).toMatchObject({ state: 'rolling', attempts: [{ onhold: true }] })
    expect((await harness.api('POST', '/v1/recordings/class42/resume')).status).toBe(200)
    await harness.drainEffects()
    expect(updates(harness)).toEqual([hold(true), hold(false)])
    expect(await harness.recording()).toMatchObject({ paused: false, attempts: [{ onhold: false }] })
  })

  test('starts an attempt that is made meanwhile on hold', async () => {
    const harness = await createHarness()
    await harness.rolling()
    await harness.api('POST', '/v1/recordings/class42/pause')
    await harness.api('POST', '/v1/recordings/class42/restart')
    await harness.drainEffects()
    const held = harness.agora.sent
      .filter(({ call }) => call === 'start')
      .map(({ body }) => JSON.stringify(body).includes('"onhold":true'))
    expect(held).toEqual([false, true])
  })

  test('survives a crash before Agora was told', async () => {
    const harness = await createHarness()
    await harness.rolling()
    const held = harness.agora.delayAnswer('update')
    await harness.api('POST', '/v1/recordings/class42/pause')
    await held.arrived
    await harness.crash()
    await harness.drainEffects()
    expect(updates(harness)).toEqual([hold(true), hold(true)])
    expect(await harness.recording()).toMatchObject({ attempts: [{ onhold: true }] })
    held.release()
    await harness.drainEffects()
    expect(await harness.recording()).toMatchObject({ attempts: [{ onhold: true }] })
  })

  test.each([
    [404, 'notFound'],
    [503, 'unknown'],
  ])('answered %i by Agora: sent again', async (status) => {
    const harness = await createHarness()
    await harness.rolling()
    harness.agora.always('update', { status, json: { code: status, reason: 'no' } })
    await harness.api('POST', '/v1/recordings/class42/pause')
    await harness.drainEffects()
    expect(await harness.recording()).toMatchObject({
      attempts: [{ number: 1, onhold: false }],
      deadlines: { updateBy: expect.any(String) },
    })
    harness.agora.always('update', { status: 200, json: {} })
    await harness.pass(6)
    expect(await harness.recording()).toMatchObject({ attempts: [{ number: 1, onhold: true }] })
  })

  test('answers 409 after a stop', async () => {
    const harness = await createHarness()
    await harness.rolling()
    await harness.api('POST', '/v1/recordings/class42/stop')
    await expectProblem(await harness.api('POST', '/v1/recordings/class42/pause'), 409)
    await expectProblem(await harness.api('POST', '/v1/recordings/class42/resume'), 409)
  })
})
