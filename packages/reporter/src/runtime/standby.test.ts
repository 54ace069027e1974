import { sql } from 'kysely'
import { describe, expect, test } from 'vitest'
import { createHarness, type Harness, notification, REQUEST } from '../testing/harness.ts'

const STANDBY = 'class42~standby'
const PAIR = { standby: true }

const rollingPair = async (): Promise<Harness> => {
  const harness = await createHarness()
  await harness.create(PAIR)
  for (const recordingId of ['class42', STANDBY]) {
    for (const type of ['hello', 'loaded'] as const) {
      await harness.report({
        recordingId,
        page: `page of ${recordingId}`.replaceAll(/[^a-z0-9]/g, '-'),
        type,
      })
    }
  }
  return harness
}

const statesOf = async (harness: Harness): Promise<string[]> =>
  Promise.all(['class42', STANDBY].map(async (id) => (await harness.recording(id)).state))

/** What is excluded from the regions of each acquire. */
const exclusions = ({ agora }: Harness): unknown[] =>
  agora.sent
    .filter(({ call }) => call === 'acquire')
    .map(({ body }) => (body as { clientRequest: Record<string, unknown> }).clientRequest.excludeResourceIds)

describe('a recording with a standby', () => {
  test('has two tasks with the same cname, different uids, tokens and folders', async () => {
    const harness = await createHarness()
    await harness.create(PAIR)
    const starts = harness.agora.sent.filter(({ call }) => call === 'start').map(({ body }) => body)
    const startOf = (uid: string, folder: string[], token: string) => ({
      ...{ cname: 'class42', uid },
      clientRequest: {
        storageConfig: { fileNamePrefix: folder },
        extensionServiceConfig: {
          extensionServices: [{ serviceParam: { url: expect.stringContaining(`=v1.${token}-1-`) } }],
        },
      },
    })
    expect(starts).toMatchObject([
      startOf('900001', ['class42', 'a1'], 'class42'),
      startOf('1000001', ['class42', 'standby', 'a1'], STANDBY),
    ])
  })

  test('is created in one transaction', async () => {
    const harness = await createHarness()
    await sql`create trigger refuse before insert on recordings when new.standby_of is not null
      begin select raise(abort, 'injected'); end`.execute(harness.db)
    expect((await harness.api('POST', '/v1/recordings', { ...REQUEST, ...PAIR })).status).toBe(500)
    const { recordings, effects, timeline, attempts } = await harness.dump()
    expect({ recordings, effects, timeline, attempts }).toEqual({
      ...{ recordings: [], effects: [], timeline: [], attempts: [] },
    })
    await sql`drop trigger refuse`.execute(harness.db)
    await harness.create(PAIR)
    expect((await harness.dump()).recordings).toMatchObject([
      { id: 'class42', standby_of: null, uid_base: 900_000 },
      { id: STANDBY, standby_of: 'class42', uid_base: 1_000_000 },
    ])
  })

  test('that the reporter is killed after creating is started by its successor', async () => {
    const harness = await createHarness()
    const acquire = harness.agora.delayAnswer('acquire')
    await harness.api('POST', '/v1/recordings', { ...REQUEST, ...PAIR })
    await acquire.arrived
    await harness.crash()
    await harness.drainEffects()
    expect(await statesOf(harness)).toEqual(['loading', 'loading'])
    expect(harness.agora.calls().toSorted()).toEqual(['acquire', 'acquire', 'acquire', 'start', 'start'])
    expect(exclusions(harness)).toEqual([undefined, undefined, ['resource2']])
  })
})

describe('the acquires of twins', () => {
  test('come one after the other, and the second names the resource of the first', async () => {
    const harness = await createHarness()
    const acquire = harness.agora.delayAnswer('acquire')
    await harness.api('POST', '/v1/recordings', { ...REQUEST, ...PAIR })
    await acquire.arrived
    expect(harness.agora.calls()).toEqual(['acquire'])
    acquire.release()
    await harness.parts.runner.idle()
    expect(harness.agora.calls().filter((call) => call === 'acquire')).toHaveLength(2)
    expect(exclusions(harness)).toEqual([undefined, ['resource1']])
  })

  test('name what records when an attempt of either is replaced', async () => {
    const harness = await rollingPair()
    const { sid, uid } = (await harness.recording(STANDBY)).attempts[0] ?? {}
    await harness.notify(notification({ eventType: 71, details: { code: 6 } }, { sid, uid }))
    await harness.drainEffects()
    await harness.api('POST', '/v1/recordings/class42/restart')
    await harness.drainEffects()
    const resources = async (id: string) =>
      (await harness.recording(id)).attempts.map(({ resourceId }) => resourceId)
    expect(await resources('class42')).toEqual(['resource1', 'resource4'])
    expect(await resources(STANDBY)).toEqual(['resource2', 'resource3', 'resource5'])
    expect(exclusions(harness)).toEqual([
      undefined,
      ['resource1'],
      ['resource1'],
      // The restart replaces both: the first does not avoid what is being stopped.
      undefined,
      ['resource4'],
    ])
  })

  test('do not wait for one that Agora has refused', async () => {
    const harness = await createHarness()
    harness.agora.answer('acquire', { status: 401, json: { message: 'Unauthorized' } })
    await harness.create(PAIR)
    expect(await statesOf(harness)).toEqual(['recovering', 'loading'])
    expect(exclusions(harness)).toEqual([undefined, undefined])
    await harness.pass(60)
    expect((await harness.recording()).attempts[0]).toMatchObject({ sid: 'sid2' })
    expect(exclusions(harness)).toEqual([undefined, undefined, ['resource2']])
  })

  test('do not fail because the row of the other one cannot be read', async () => {
    const harness = await rollingPair()
    await sql`update recordings set body = 'junk' where id = 'class42'`.execute(harness.db)
    const { sid, uid } = (await harness.recording(STANDBY)).attempts[0] ?? {}
    await harness.notify(notification({ eventType: 71, details: { code: 6 } }, { sid, uid }))
    await harness.drainEffects()
    expect((await harness.recording(STANDBY)).attempts).toMatchObject([{ state: 'ended' }, { sid: 'sid3' }])
  })
})

describe('twins', () => {
  test('are supervised separately: what ends one does not touch the other', async () => {
    const harness = await rollingPair()
    const before = await harness.parts.engine.load('class42')
    const { sid, uid } = (await harness.recording(STANDBY)).attempts[0] ?? {}
    await harness.notify(notification({ eventType: 71, details: { code: 6 } }, { sid, uid }))
    await harness.drainEffects()
    expect(await statesOf(harness)).toEqual(['rolling', 'loading'])
    expect(await harness.parts.engine.load('class42')).toEqual(before)
  })

  test('are stopped until Agora has confirmed both', async () => {
    const harness = await rollingPair()
    harness.agora.answer(
      'stop',
      { status: 200, json: { serverResponse: {} } },
      { status: 504, json: { code: 62 } },
    )
    await harness.api('POST', '/v1/recordings/class42/stop')
    await harness.drainEffects()
    expect((await statesOf(harness)).toSorted()).toEqual(['stopped', 'stopping'])
    await harness.pass(10)
    expect(await statesOf(harness)).toEqual(['stopped', 'stopped'])
    const stopped = harness.agora.sent.filter(({ call }) => call === 'stop').map(({ sid }) => sid)
    expect(new Set(stopped)).toEqual(new Set(['sid1', 'sid2']))
  })

  test('of which one was stopped at Agora: the other goes on, and a stop reaches it', async () => {
    const harness = await rollingPair()
    await harness.notify(notification({ eventType: 71, details: { code: 0 } }))
    await harness.drainEffects()
    expect(await statesOf(harness)).toEqual(['stopped', 'rolling'])
    expect((await harness.api('POST', '/v1/recordings/class42/stop')).status).toBe(200)
    await harness.drainEffects()
    expect(await statesOf(harness)).toEqual(['stopped', 'stopped'])
  })

  test('of which one has failed: the other goes on, and a restart reaches both', async () => {
    const harness = await createHarness()
    harness.agora.answer('start', { status: 400, json: { code: 2, reason: 'invalid parameter' } })
    await harness.create(PAIR)
    expect((await statesOf(harness)).toSorted()).toEqual(['failed', 'loading'])
    await harness.api('POST', '/v1/recordings/class42/restart')
    await harness.drainEffects()
    expect(await statesOf(harness)).toEqual(['loading', 'loading'])
  })

  test.each(['stop', 'restart', 'pause'])(
    'have a %s carried out together, or not at all',
    async (command) => {
      const harness = await rollingPair()
      const before = await harness.dump()
      await sql`create trigger refuse before update on recordings when new.standby_of is not null
      begin select raise(abort, 'injected'); end`.execute(harness.db)
      expect((await harness.api('POST', `/v1/recordings/class42/${command}`)).status).toBe(500)
      expect(await harness.dump()).toEqual(before)
      await sql`drop trigger refuse`.execute(harness.db)
      expect((await harness.api('POST', `/v1/recordings/class42/${command}`)).status).toBe(200)
      const versions = await harness.db.selectFrom('recordings').select(['id', 'version']).execute()
      const old = before.recordings as { id: string; version: number }[]
      for (const { id, version } of versions) {
        expect(version).toBe((old.find((row) => row.id === id)?.version ?? 0) + 1)
      }
    },
  )

  test('are stopped as far as they can be read', async () => {
    const harness = await rollingPair()
    await sql`update recordings set body = 'junk' where id = ${STANDBY}`.execute(harness.db)
    expect((await harness.api('POST', '/v1/recordings/class42/stop')).status).toBe(200)
    await harness.drainEffects()
    expect(await harness.recording()).toMatchObject({ state: 'stopped', standby: null })
    expect(harness.log().filter(({ msg }) => msg === 'A command does not reach a standby')).toMatchObject([
      { recordingId: STANDBY, signal: 'stop' },
    ])
  })

  test('count as two pages', async () => {
    const harness = await rollingPair()
    const pages = [...harness.parts.heartbeats.expectedPages()].map(({ recordingId }) => recordingId)
    expect(pages).toEqual(['class42', STANDBY])
  })

  test('are removed together', async () => {
    const harness = await rollingPair()
    await harness.api('POST', '/v1/recordings/class42/stop')
    await harness.pass(10)
    harness.jump(91 * 86_400)
    await harness.parts.retention.runOnce()
    const { recordings, attempts } = await harness.dump()
    expect({ recordings, attempts }).toEqual({ recordings: [], attempts: [] })
    await harness.create(PAIR)
    expect((await harness.recording(STANDBY)).attempts).toMatchObject([{ uid: '1000001' }])
  })
})
