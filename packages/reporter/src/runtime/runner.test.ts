import { sql } from 'kysely'
import { describe, expect, test } from 'vitest'
import { createHarness, notification, REQUEST } from '../testing/harness.ts'

const starts = (harness: { agora: { calls(): string[] } }): number =>
  harness.agora.calls().filter((call) => call === 'start').length

describe('a start', () => {
  test('is written ahead: the resource is in the store before Agora is told to start', async () => {
    const harness = await createHarness()
    const seen: unknown[] = []
    harness.agora.onRequest(async ({ call, resourceId }) => {
      if (call !== 'start') return
      const { attempts, state } = await harness.recording()
      seen.push({ state, sent: resourceId, stored: attempts[0]?.resourceId })
    })
    await harness.create()
    expect(seen).toEqual([{ state: 'starting', sent: 'resource1', stored: 'resource1' }])
  })

  test('that a crash cut off is sent again as it was, and nothing is acquired', async () => {
    const harness = await createHarness()
    const start = harness.agora.delayAnswer('start')
    await harness.api('POST', '/v1/recordings', REQUEST)
    await start.arrived
    await harness.crash()
    await harness.drainEffects()
    expect(harness.agora.calls()).toEqual(['acquire', 'start', 'start'])
    const [, first, second] = harness.agora.sent
    expect(second).toEqual(first)
    expect(await harness.recording()).toMatchObject({
      state: 'loading',
      attempts: [{ number: 1, resourceId: 'resource1', sid: 'sid2' }],
    })
    start.release()
  })

  test('that Agora took before the crash is not made twice: its sid comes by a notification', async () => {
    const harness = await createHarness()
    const start = harness.agora.delayAnswer('start')
    await harness.api('POST', '/v1/recordings', REQUEST)
    await start.arrived
    harness.agora.answer('start', { status: 400, json: { code: 53, reason: 'task conflict' } })
    await harness.crash()
    await harness.drainEffects()
    expect(await harness.recording()).toMatchObject({ state: 'starting', attempts: [{ sid: null }] })
    expect((await harness.timeline()).at(-1)?.code).toBe('attempt.unknown')
    start.release()
    expect(harness.agora.calls().filter((call) => call === 'acquire')).toHaveLength(1)
  })

  test('that a crash cut off before it was sent is made once', async () => {
    const harness = await createHarness()
    const acquire = harness.agora.delayAnswer('acquire')
    await harness.api('POST', '/v1/recordings', REQUEST)
    await acquire.arrived
    await harness.crash()
    await harness.drainEffects()
    expect(harness.agora.calls()).toEqual(['acquire', 'acquire', 'start'])
    expect(await harness.recording()).toMatchObject({ state: 'loading', attempts: [{ sid: 'sid1' }] })
  })

  test('takes a fresh resource when the stored one is too old', async () => {
    const harness = await createHarness()
    const start = harness.agora.delayAnswer('start')
    await harness.api('POST', '/v1/recordings', REQUEST)
    await start.arrived
    harness.jump(300)
    await harness.crash()
    await harness.drainEffects()
    expect(harness.agora.calls()).toEqual(['acquire', 'start', 'acquire', 'start'])
    expect(await harness.recording()).toMatchObject({ attempts: [{ number: 1, resourceId: 'resource2' }] })
  })

  describe('whose answers were all lost, with a second resource', () => {
    const notCompleted = { status: 206, json: { code: 65, reason: 'request not completed' } }
    const timedOut = { status: 504, json: { code: 62, reason: 'request timeout' } }
    const notFound = { status: 404, json: { code: 404, reason: 'failed to find worker' } }

    const lost = async () => {
      const harness = await createHarness()
      harness.agora.answer('start', ...Array(3).fill(notCompleted), ...Array(4).fill(timedOut))
      await harness.create()
      expect(harness.agora.calls().filter((call) => call === 'acquire')).toHaveLength(2)
      await harness.notify(notification({ eventType: 70 }))
      return harness
    }

    test('and a stop before the second was used: the first may run, and is stopped when its sid comes', async () => {
      const harness = await createHarness()
      const acquire = harness.agora.delayAnswer('acquire')
      harness.agora.answer('start', ...Array(3).fill(notCompleted))
      await harness.api('POST', '/v1/recordings', REQUEST)
      await acquire.arrived
      const again = harness.agora.delayAnswer('acquire')
      acquire.release()
      await again.arrived
      await harness.api('POST', '/v1/recordings/class42/stop')
      again.release()
      await harness.drainEffects()
      expect(await harness.recording()).toMatchObject({
        state: 'stopping',
        attempts: [{ resourceId: 'resource1' }],
      })
      await harness.notify(notification({ eventType: 70 }))
      await harness.drainEffects()
      expect(harness.agora.sent.at(-1)).toMatchObject({ call: 'stop', sid: 'sid1', resourceId: 'resource1' })
      expect(await harness.recording()).toMatchObject({ state: 'stopped' })
    })

    test('is asked about with each of them, until Agora knows its sid by one', async () => {
      const harness = await lost()
      expect(await harness.recording()).toMatchObject({
        attempts: [{ sid: 'sid1', resourceId: 'resource1' }],
      })
      harness.agora.answer('query', notFound)
      await harness.pass(5)
      const queries = harness.agora.sent.filter(({ call }) => call === 'query')
      expect(queries.map(({ resourceId }) => resourceId)).toEqual(['resource1', 'resource2'])
      const [attempt] = (await harness.recording()).attempts
      expect(attempt).toMatchObject({ resourceId: 'resource2' })
      expect(attempt?.confirmedAt).not.toBeNull()
    })

    test('is stopped with each of them, until Agora knows its sid by one', async () => {
      const harness = await lost()
      harness.agora.answer('stop', notFound)
      await harness.api('POST', '/v1/recordings/class42/stop')
      await harness.drainEffects()
      const stops = harness.agora.sent.filter(({ call }) => call === 'stop')
      expect(stops.map(({ resourceId }) => resourceId)).toEqual(['resource1', 'resource2'])
      expect(await harness.recording()).toMatchObject({ state: 'stopped' })
    })
  })

  test('is stopped when a stop came while it was under way', async () => {
    const harness = await createHarness()
    const start = harness.agora.delayAnswer('start')
    await harness.api('POST', '/v1/recordings', REQUEST)
    await start.arrived
    const stop = await harness.api('POST', '/v1/recordings/class42/stop')
    expect(await stop.json()).toMatchObject({ state: 'stopping' })
    start.release()
    await harness.drainEffects()
    expect(harness.agora.sent.at(-1)).toMatchObject({ call: 'stop', sid: 'sid1' })
    expect(await harness.recording()).toMatchObject({ state: 'stopped', attempts: [{ state: 'ended' }] })
  })

  test('is never sent when a stop came before it', async () => {
    const harness = await createHarness()
    const acquire = harness.agora.delayAnswer('acquire')
    await harness.api('POST', '/v1/recordings', REQUEST)
    await acquire.arrived
    await harness.api('POST', '/v1/recordings/class42/stop')
    acquire.release()
    await harness.drainEffects()
    expect(harness.agora.calls()).toEqual(['acquire'])
    expect(await harness.recording()).toMatchObject({ state: 'stopped' })
  })

  test('that Agora refuses for good is not tried again', async () => {
    const harness = await createHarness()
    harness.agora.always('acquire', { status: 400, json: { code: 2, reason: 'parameter error' } })
    await harness.create()
    await harness.pass(10)
    expect(harness.agora.calls()).toEqual(['acquire'])
    expect(await harness.recording()).toMatchObject({ state: 'failed', reason: { code: 'start_failed' } })
  })

  test('that meets a full quota waits, and blames nobody', async () => {
    const harness = await createHarness({ defaultPolicy: { restart: { delays: [0, 2], jitter: 0 } } })
    harness.agora.answer('acquire', ...Array(8).fill({ status: 400, json: { code: 406, reason: 'over' } }))
    await harness.create()
    await harness.pass(20)
    expect(await harness.recording()).toMatchObject({ state: 'loading', attempts: { length: 1 } })
    expect(starts(harness)).toBe(1)
  })
})

describe('queries that wait for their turn', () => {
  /** So many recordings that are well, all of which Agora is to be asked about, and does not answer. */
  const unanswered = async (count: number) => {
    const harness = await createHarness()
    const ids = Array.from({ length: count }, (_, index) => `well${index}`)
    for (const id of ids) await harness.rolling({ id })
    await harness.pass(5)
    const queries = (): number => harness.agora.calls().filter((call) => call === 'query').length
    expect(queries()).toBe(count)
    const held = ids.map(() => harness.agora.delayAnswer('query'))
    for (let beat = 0; beat < 12; beat += 1) {
      for (const id of ids) await harness.report({ recordingId: id })
      harness.jump(10)
    }
    await harness.parts.sweep.runOnce()
    return { harness, held, asked: () => queries() - count }
  }

  test('leave half of the quota to others, and hold up no start', async () => {
    const { harness, held, asked } = await unanswered(7)
    await expect.poll(asked).toBe(5)
    const before = starts(harness)
    await harness.api('POST', '/v1/recordings', REQUEST)
    await expect.poll(() => starts(harness)).toBe(before + 1)
    expect(asked()).toBe(5)
    for (const each of held) each.release()
    await harness.drainEffects()
    expect(asked()).toBe(7)
  })
})

describe('an effect that breaks down', () => {
  test('is logged, and tried again', async () => {
    const harness = await createHarness()
    await sql`create trigger refuse before update of body on recordings
      begin select raise(abort, 'injected'); end`.execute(harness.db)
    await harness.api('POST', '/v1/recordings', REQUEST)
    await harness.parts.runner.idle()
    expect(starts(harness)).toBe(0)
    expect(harness.log().at(-1)).toMatchObject({
      level: 50,
      kind: 'start',
      recordingId: 'class42',
      attempt: 1,
      err: { message: 'injected' },
    })
    await sql`drop trigger refuse`.execute(harness.db)
    await harness.pass(4)
    expect(starts(harness)).toBe(0)
    await harness.pass(1)
    expect(starts(harness)).toBe(1)
    expect(await harness.recording()).toMatchObject({ state: 'loading' })
  })
})

describe('an effect that breaks down because the store does', () => {
  test('is given back when the store is there again', async () => {
    const harness = await createHarness()
    await harness.rolling()
    await harness.pass(115)
    const queries = (): number => harness.agora.calls().filter((call) => call === 'query').length
    const before = queries()
    const refuse = (what: string, table: string) =>
      sql`create trigger ${sql.raw(`refuse_${table}`)} before ${sql.raw(what)} on ${sql.table(table)}
        begin select raise(abort, 'injected'); end`.execute(harness.db)
    const held = harness.agora.delayAnswer('query')
    await harness.api('POST', `/v1/recordings/${REQUEST.id}/restart`)
    await harness.drainEffects()
    harness.jump(6)
    void harness.parts.sweep.runOnce()
    await held.arrived
    await refuse('update of body', 'recordings')
    await refuse('update', 'effects')
    held.release()
    await harness.parts.runner.idle()
    expect((await harness.dump()).effects).toHaveLength(1)
    await sql`drop trigger refuse_recordings`.execute(harness.db)
    await sql`drop trigger refuse_effects`.execute(harness.db)
    await harness.drainEffects()
    await harness.pass(6)
    expect(queries()).toBe(before + 2)
    expect((await harness.dump()).effects).toEqual([])
  })
})

describe('a stop', () => {
  test.each([
    ['it is stopping already', { status: 400, json: { code: 49, reason: 'invalid operation' } }],
    ['nothing was recorded', { status: 206, json: { code: 435, reason: 'no recorded data' } }],
  ])('is done when Agora says that %s', async (_what, answer) => {
    const harness = await createHarness()
    await harness.rolling()
    harness.agora.answer('stop', answer)
    await harness.api('POST', '/v1/recordings/class42/stop')
    await harness.drainEffects()
    expect(await harness.recording()).toMatchObject({ state: 'stopped' })
  })

  test('is sent again until Agora confirms it', async () => {
    const harness = await createHarness()
    await harness.rolling()
    const failure = { status: 500, json: { code: 500, reason: 'internal error' } }
    harness.agora.answer('stop', failure, failure)
    await harness.api('POST', '/v1/recordings/class42/stop')
    await harness.drainEffects()
    expect(await harness.recording()).toMatchObject({
      state: 'stopping',
      deadlines: { stopBy: expect.any(String) },
    })
    await harness.pass(16)
    expect(await harness.recording()).toMatchObject({ state: 'stopped', deadlines: {} })
    expect(harness.agora.calls().filter((call) => call === 'stop')).toHaveLength(3)
  })
})

describe('the end of a reporter', () => {
  test('waits for what is under way, and claims nothing more', async () => {
    const harness = await createHarness()
    const start = harness.agora.delayAnswer('start')
    await harness.api('POST', '/v1/recordings', REQUEST)
    await start.arrived
    const end = harness.parts.runner.stop()
    await harness.api('POST', '/v1/recordings', { ...REQUEST, id: 'b' })
    start.release()
    await end
    expect(await harness.recording()).toMatchObject({ state: 'loading', attempts: [{ sid: 'sid1' }] })
    expect(harness.agora.calls()).toEqual(['acquire', 'start'])
    expect((await harness.dump()).effects).toMatchObject([{ recording_id: 'b', claimed_until: 0 }])
  })

  test('does not wait for ever: what has not ended is taken up by the next', async () => {
    const harness = await createHarness()
    const start = harness.agora.delayAnswer('start')
    await harness.api('POST', '/v1/recordings', REQUEST)
    await start.arrived
    await harness.parts.runner.stop(20)
    expect((await harness.dump()).effects).toMatchObject([{ kind: 'start' }])
    await harness.crash()
    await harness.drainEffects()
    expect(await harness.recording()).toMatchObject({ state: 'loading', attempts: [{ number: 1 }] })
    start.release()
  })
})
