import { sql } from 'kysely'
import { describe, expect, test } from 'vitest'
import { createHarness, notification, REQUEST } from '../testing/harness.ts'

const starts = (harness: { agora: { calls(): string[] } }): number =>
  harness.agora.calls().filter((call) => call === 'start').length

describe('a start', () => {
  test('is written ahead: its resource is stored before start is sent', async () => {
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

  test('that a crash interrupted is sent again unchanged, without another acquire', async () => {
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

  test('that Agora accepted before the crash makes no second task: a notification brings its sid', async () => {
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

  test('that a crash prevented is sent once', async () => {
    const harness = await createHarness()
    const acquire = harness.agora.delayAnswer('acquire')
    await harness.api('POST', '/v1/recordings', REQUEST)
    await acquire.arrived
    await harness.crash()
    await harness.drainEffects()
    expect(harness.agora.calls()).toEqual(['acquire', 'acquire', 'start'])
    expect(await harness.recording()).toMatchObject({ state: 'loading', attempts: [{ sid: 'sid1' }] })
  })

  test('acquires another resource if the stored one is too old', async () => {
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

  describe('whose answers were all lost, and that was sent with two resources', () => {
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

    test('is stopped once its sid is known, if stop came before the second resource was used', async () => {
      const harness = await createHarness()
      const acquire = harness.agora.delayAnswer('acquire')
      harness.agora.answer('start', ...Array(3).fill(notCompleted))
      await harness.api('POST', '/v1/recordings', REQUEST)
      await acquire.arrived
      const second = harness.agora.delayAnswer('acquire')
      acquire.release()
      await second.arrived
      await harness.api('POST', '/v1/recordings/class42/stop')
      second.release()
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

    test('is queried with each of them until Agora finds the sid', async () => {
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

    test('is stopped with each of them until Agora finds the sid', async () => {
      const harness = await lost()
      harness.agora.answer('stop', notFound)
      await harness.api('POST', '/v1/recordings/class42/stop')
      await harness.drainEffects()
      const stops = harness.agora.sent.filter(({ call }) => call === 'stop')
      expect(stops.map(({ resourceId }) => resourceId)).toEqual(['resource1', 'resource2'])
      expect(await harness.recording()).toMatchObject({ state: 'stopped' })
    })
  })

  test('is followed by a stop if stop was requested meanwhile', async () => {
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

  test('is not sent if stop was requested before', async () => {
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

  test('that Agora refuses permanently is not retried', async () => {
    const harness = await createHarness()
    harness.agora.always('acquire', { status: 400, json: { code: 2, reason: 'parameter error' } })
    await harness.create()
    await harness.pass(10)
    expect(harness.agora.calls()).toEqual(['acquire'])
    expect(await harness.recording()).toMatchObject({ state: 'failed', reason: { code: 'start_failed' } })
  })

  test('that exceeds the quota is postponed, and does not count as a failure', async () => {
    const harness = await createHarness({ defaultPolicy: { restart: { delays: [0, 2], jitter: 0 } } })
    harness.agora.answer('acquire', ...Array(8).fill({ status: 400, json: { code: 406, reason: 'over' } }))
    await harness.create()
    await harness.pass(20)
    expect(await harness.recording()).toMatchObject({ state: 'loading', attempts: { length: 1 } })
    expect(starts(harness)).toBe(1)
  })
})

describe('routine queries', () => {
  /** Healthy recordings that each have a routine query, which Agora does not answer yet. */
  const withPendingQueries = async (count: number) => {
    const harness = await createHarness()
    const ids = Array.from({ length: count }, (_, index) => `healthy${index}`)
    for (const id of ids) await harness.rolling({ id })
    await harness.pass(5)
    const queries = (): number => harness.agora.calls().filter((call) => call === 'query').length
    expect(queries()).toBe(count)
    const delayed = ids.map(() => harness.agora.delayAnswer('query'))
    for (let round = 0; round < 12; round += 1) {
      for (const id of ids) await harness.report({ recordingId: id })
      harness.jump(10)
    }
    await harness.parts.sweep.runOnce()
    return { harness, delayed, sent: () => queries() - count }
  }

  test('use half of the quota at most, and do not delay a start', async () => {
    const { harness, delayed, sent } = await withPendingQueries(7)
    await expect.poll(sent).toBe(5)
    const before = starts(harness)
    await harness.api('POST', '/v1/recordings', REQUEST)
    await expect.poll(() => starts(harness)).toBe(before + 1)
    expect(sent()).toBe(5)
    for (const each of delayed) each.release()
    await harness.drainEffects()
    expect(sent()).toBe(7)
  })
})

describe('an effect that fails', () => {
  test('is logged and retried', async () => {
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

describe('an effect that fails because the store does', () => {
  test('is released when the store works again', async () => {
    const harness = await createHarness()
    await harness.rolling()
    await harness.pass(115)
    const queries = (): number => harness.agora.calls().filter((call) => call === 'query').length
    const before = queries()
    const refuse = (what: string, table: string) =>
      sql`create trigger ${sql.raw(`refuse_${table}`)} before ${sql.raw(what)} on ${sql.table(table)}
        begin select raise(abort, 'injected'); end`.execute(harness.db)
    const delayed = harness.agora.delayAnswer('query')
    await harness.api('POST', `/v1/recordings/${REQUEST.id}/restart`)
    await harness.drainEffects()
    harness.jump(6)
    void harness.parts.sweep.runOnce()
    await delayed.arrived
    await refuse('update of body', 'recordings')
    await refuse('update', 'effects')
    delayed.release()
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
    ['the task is already stopping', { status: 400, json: { code: 49, reason: 'invalid operation' } }],
    ['nothing was recorded', { status: 206, json: { code: 435, reason: 'no recorded data' } }],
  ])('is complete if Agora says that %s', async (_what, answer) => {
    const harness = await createHarness()
    await harness.rolling()
    harness.agora.answer('stop', answer)
    await harness.api('POST', '/v1/recordings/class42/stop')
    await harness.drainEffects()
    expect(await harness.recording()).toMatchObject({ state: 'stopped' })
  })

  test('is retried until Agora confirms it', async () => {
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

describe('stopping the runner', () => {
  test('waits for running effects, and claims no more', async () => {
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

  test('leaves effects that do not end in time to the next process', async () => {
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
