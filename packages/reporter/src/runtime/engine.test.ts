import { LIMITS } from '@stillrolling/rest-core'
import { sql } from 'kysely'
import { describe, expect, test } from 'vitest'
import { createLog } from '../log.ts'
import { type RecordingRequest, recordingRequestSchema } from '../recordingRequest.ts'
import { VersionConflictError } from '../store/errors.ts'
import { createSqliteStore } from '../store/sqlite/sqliteStore.ts'
import { DEFAULT_POLICY } from '../supervisor/policy.ts'
import { newRecording, type RecordingState, UID_BASE } from '../supervisor/recording.ts'
import type { Signal } from '../supervisor/signal.ts'
import { createHarness, type Harness, notification, REQUEST } from '../testing/harness.ts'
import type { UidRange } from '../uidRange.ts'
import { createEngine, type Engine } from './engine.ts'
import { NoUidsLeftError } from './uidBlocks.ts'

const request = recordingRequestSchema.parse(REQUEST)

describe('the transaction of a decision', () => {
  test.each(['effects', 'timeline', 'attempts'])(
    'holds state, effects and timeline: all are rolled back if writing %s fails',
    async (table) => {
      const harness = await createHarness()
      await harness.rolling()
      const before = await harness.dump()
      await sql`create trigger refuse before insert on ${sql.table(table)}
        begin select raise(abort, 'injected'); end`.execute(harness.db)
      await expect(harness.parts.engine.handle('class42', { type: 'restart' })).rejects.toThrow('injected')
      await expect(harness.parts.engine.create('b', { ...request, id: 'b' }, DEFAULT_POLICY)).rejects.toThrow(
        'injected',
      )
      expect(await harness.dump()).toEqual(before)
      await sql`drop trigger refuse`.execute(harness.db)
      // The state in memory is unchanged as well.
      expect((await harness.report({})).status).toBe(200)
      await harness.parts.engine.handle('class42', { type: 'restart' })
      await harness.drainEffects()
      expect(await harness.recording()).toMatchObject({ attempts: [{ state: 'ended' }, { sid: 'sid2' }] })
    },
  )

  test('holds the completion of an effect and its outcome', async () => {
    const harness = await createHarness()
    const start = harness.agora.delayAnswer('start')
    await harness.api('POST', '/v1/recordings', REQUEST)
    await start.arrived
    await sql`create trigger refuse before insert on timeline
      begin select raise(abort, 'injected'); end`.execute(harness.db)
    start.release()
    await harness.parts.runner.idle()
    expect((await harness.dump()).effects).toMatchObject([{ kind: 'start' }])
    await sql`drop trigger refuse`.execute(harness.db)
    await harness.pass(5)
    expect(await harness.recording()).toMatchObject({ state: 'loading', attempts: [{ number: 1 }] })
    // The same start is retried with the stored resource.
    expect(harness.agora.calls().slice(0, 3)).toEqual(['acquire', 'start', 'start'])
    expect((await harness.dump()).effects).toEqual([])
  })
})

describe('create', () => {
  test('creates one recording of two with the same id', async () => {
    const harness = await createHarness()
    const create = (): Promise<unknown> => harness.parts.engine.create('class42', request, DEFAULT_POLICY)
    const outcomes = await Promise.allSettled([create(), create()])
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected'])
    await harness.drainEffects()
    expect(harness.agora.calls()).toEqual(['acquire', 'start'])
    expect((await harness.timeline()).filter(({ code }) => code === 'recording.created')).toHaveLength(1)
  })
})

describe('two recordings with the same cname', () => {
  /** A channel recording whose channel is called like the page `class42`. */
  const channelNamedLikePage = async (harness: Harness, state: RecordingState = 'rolling'): Promise<void> => {
    const identity = { kind: 'channel', cname: 'class42', uidBase: UID_BASE } as const
    const recording = { ...newRecording('mix1', DEFAULT_POLICY, harness.now(), 24, identity), state }
    await createSqliteStore(harness.db).insertRecording(request, recording, harness.now())
  }

  test.each(['rolling', 'stopped'] as const)(
    'have different uids, also if the first one is %s',
    async (state) => {
      const harness = await createHarness()
      await channelNamedLikePage(harness, state)
      expect(await harness.create()).toMatchObject({ attempts: [{ uid: '1000001' }] })
    },
  )

  test('have no uids of users, and are refused if none are left', async () => {
    const harness = await createHarness()
    const create = (id: string, uidRange: UidRange) =>
      harness.parts.engine.create(id, { ...request, id, uidRange } as RecordingRequest, DEFAULT_POLICY)
    const all = { from: 1, to: LIMITS.uid.max }
    await expect(create('a', all)).rejects.toThrow(NoUidsLeftError)
    expect((await harness.dump()).recordings).toEqual([])
    const { recording } = await create('a', { from: 900_001, to: 900_001 })
    expect(recording.attempts).toMatchObject([{ uid: '1000001' }])
  })

  test('are notified of users who join if they record the channel and are not in a terminal state', async () => {
    const harness = await createHarness()
    await channelNamedLikePage(harness)
    await harness.create()
    const { engine } = harness.parts
    expect(await engine.handleJoined('class42', '7')).toBe(true)
    expect(await engine.handleJoined('mix1', '7')).toBe(false)
    await engine.handle('mix1', { type: 'stop' })
    expect(await engine.handleJoined('class42', '7')).toBe(false)
  })
})

describe('pushBackDueTimes', () => {
  const reportFor = async (harness: Harness, seconds: number) => {
    for (let at = 0; at < seconds; at += 10) {
      await harness.pass(10)
      await harness.report({ type: 'heartbeat' })
    }
  }
  const versionOf = async ({ db }: Harness): Promise<number> => {
    const row = await db.selectFrom('recordings').select('version').executeTakeFirstOrThrow()
    return row.version
  }

  test('writes no recording whose page reports, until the page falls silent', async () => {
    const harness = await createHarness()
    await harness.rolling({ policy: { queryInterval: 3600 } })
    // By then the first query after loading has been answered.
    await reportFor(harness, 10)
    const before = await versionOf(harness)
    await reportFor(harness, 300)
    expect(await versionOf(harness)).toBe(before)
    await harness.pass(29)
    expect((await harness.timeline()).map(({ code }) => code)).not.toContain('page.silent')
    await harness.pass(1)
    expect((await harness.timeline()).map(({ code }) => code)).toContain('page.silent')
  })

  test('does not push back a recording that another process wrote', async () => {
    const harness = await createHarness()
    await harness.rolling()
    await harness.report({ type: 'heartbeat' })
    await harness.db.updateTable('recordings').set({ version: 9, due_at: 0 }).execute()
    const { engine } = harness.parts
    expect(await engine.pushBackDueTimes(['class42', 'unknown'])).toEqual(['class42', 'unknown'])
    await engine.handle('class42', { type: 'due' })
    expect(await versionOf(harness)).toBe(10)
    expect(await engine.pushBackDueTimes(['class42'])).toEqual([])
  })
})

describe('handle', () => {
  test('decides on the signals of a recording one at a time', async () => {
    const harness = await createHarness()
    await harness.rolling()
    const { engine } = harness.parts
    await Promise.all([1, 2, 3, 4].map(() => engine.handle('class42', { type: 'restart' })))
    const { attempts } = await harness.recording()
    expect(attempts.map(({ number }) => number)).toEqual([1, 2, 3, 4, 5])
  })

  /** Another writer changes the recording between load and save of the first `times` decisions. */
  const withConflicts = async (
    times: number,
  ): Promise<{ harness: Harness; engine: Engine; tries(): number }> => {
    const harness = await createHarness()
    await harness.rolling()
    const { db, parts } = harness
    await sql`create trigger conflict after insert on notifications
      begin update recordings set version = version + 1; end`.execute(db)
    let tries = 0
    const store = createSqliteStore(db)
    const engine = createEngine({
      store: {
        ...store,
        transaction: async (work) => {
          tries += 1
          if (tries === times + 1) await sql`drop trigger conflict`.execute(db)
          return store.transaction(work)
        },
      },
      clock: { now: harness.now, elapsed: harness.now },
      heartbeats: parts.heartbeats,
      log: createLog('silent'),
    })
    return { harness, engine, tries: () => tries }
  }
  const stopped: Signal = {
    type: 'notification',
    attempt: 1,
    notification: { eventType: 71, code: 0, sid: 'sid1', files: [] },
  }
  const key = { noticeId: 'n', sid: 'sid1', uid: '900001', eventType: 71, sequence: 1 }

  test('decides again after a write conflict', async () => {
    const { harness, engine, tries } = await withConflicts(2)
    await engine.handle('class42', stopped, { notification: key })
    expect(tries()).toBe(3)
    expect(await harness.recording()).toMatchObject({ state: 'stopped' })
    expect((await harness.dump()).notifications).toHaveLength(1)
  })

  test('gives up after five conflicts, and changes nothing', async () => {
    const { harness, engine, tries } = await withConflicts(99)
    const before = await harness.dump()
    await expect(engine.handle('class42', stopped, { notification: key })).rejects.toThrow(
      VersionConflictError,
    )
    expect(tries()).toBe(5)
    expect(await harness.dump()).toEqual(before)
  })

  test('completes an effect of a recording that does not exist', async () => {
    const harness = await createHarness()
    await harness.db
      .insertInto('effects')
      .values({ recording_id: 'unknown', kind: 'query', attempt: 1, created_at: 0, claimed_until: 0 })
      .execute()
    await harness.drainEffects()
    expect((await harness.dump()).effects).toEqual([])
    expect(harness.agora.calls()).toEqual([])
  })
})

test('the log has a line for each timeline entry, with its level and its evidence', async () => {
  const harness = await createHarness()
  await harness.rolling()
  await harness.notify(notification({ eventType: 71, details: { code: 6, message: 'gone' } }))
  await harness.drainEffects()
  harness.agora.always('acquire', { status: 400, json: { code: 2, reason: 'invalid parameter' } })
  await harness.create({ id: 'refused' })
  const entries = harness.log().filter(({ code }) => typeof code === 'string')
  const lineOf = (code: string) => entries.find((entry) => entry.code === code)
  expect(lineOf('attempt.started')).toMatchObject({ level: 30, evidence: { sid: 'sid1' } })
  expect(lineOf('attempt.failed')).toMatchObject({
    level: 40,
    recordingId: REQUEST.id,
    attempt: 1,
    evidence: { code: 6, detail: 'gone' },
  })
  expect(lineOf('recording.failed')).toMatchObject({ level: 50, recordingId: 'refused' })
})
