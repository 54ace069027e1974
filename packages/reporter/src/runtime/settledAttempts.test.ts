import { sql } from 'kysely'
import { describe, expect, test } from 'vitest'
import type { AttemptView } from '../http/recordings/attemptView.ts'
import { createHarness, type Harness, notification, REQUEST } from '../testing/harness.ts'

type Json = Record<string, unknown>

const readBody = async ({ db }: Harness): Promise<{ text: string; json: Json & { attempts: Json[] } }> => {
  const { body } = await db.selectFrom('recordings').select('body').executeTakeFirstOrThrow()
  return { text: body, json: JSON.parse(body) }
}

/** A rolling recording after `count` attempts, all of them in its body, as a reporter of version 1 stored it. */
const withOldBody = async (count: number): Promise<Harness> => {
  const harness = await createHarness()
  await harness.rolling()
  const { json } = await readBody(harness)
  const [current = {}] = json.attempts
  const endReason = {
    code: 'stopped_by_agora',
    message: 'Agora stopped it',
    evidence: { eventType: 71, code: 6 },
  }
  const attempts = Array.from({ length: count }, (_, index) => {
    const [number, isLast] = [index + 1, index === count - 1]
    const named = { ...current, number, uid: `${900_001 + index}`, sid: `sid${number}` }
    return isLast
      ? named
      : { ...named, state: 'ended', endedAt: 1000 + index, wellUntil: 1000, endReason, deadlines: {} }
  })
  const { attemptCount: _, ...body } = json
  await harness.db
    .updateTable('recordings')
    .set({ body: JSON.stringify({ ...body, attempts, bodyVersion: 1 }) })
    .execute()
  const rows = attempts.map(({ number, uid, sid }) => ({ recording_id: REQUEST.id, number, uid, sid }))
  for (let from = 0; from < count; from += 1000) {
    await harness.db
      .insertInto('attempts')
      .values(rows.slice(from, from + 1000))
      .onConflict((conflict) =>
        conflict.columns(['recording_id', 'number']).doUpdateSet({ sid: (row) => row.ref('excluded.sid') }),
      )
      .execute()
  }
  await harness.crash()
  return harness
}

describe('a recording of 9,000 attempts that are all in its body', () => {
  test('is decided on and saved, and its body shrinks to what is needed', async () => {
    const harness = await withOldBody(9000)
    const report = { attempt: 9000, page: 'page1', seq: 10 }
    expect((await harness.report({ ...report, checks: [{ name: '#board', ok: false }] })).status).toBe(200)
    const { text, json } = await readBody(harness)
    expect(json).toMatchObject({ bodyVersion: 2, attemptCount: 9000, attempts: [{ number: 9000 }] })
    expect(text.length).toBeLessThan(5000)
    const { rows } = await sql`select number from attempts where settled is not null`.execute(harness.db)
    expect(rows).toHaveLength(8999)
  })

  test('goes on with attempt 9,001', async () => {
    const harness = await withOldBody(9000)
    const uid = '909000'
    await harness.notify(
      notification({ eventType: 71, details: { code: 6 } }, { sid: 'sid9000', uid, sequence: 9 }),
    )
    await harness.drainEffects()
    const { attemptCount, attempts } = await harness.recording()
    expect(attemptCount).toBe(9001)
    expect(attempts.map(({ number, uid, state }) => [number, uid, state])).toEqual([
      [9000, '909000', 'ended'],
      [9001, '909001', 'current'],
    ])
    expect((await readBody(harness)).text.length).toBeLessThan(10_000)
  })
})

/** The page of attempt 2 reports, and attempt 1 has settled. */
const withSettled = async (): Promise<Harness> => {
  const harness = await createHarness()
  await harness.rolling()
  await harness.notify(notification({ eventType: 71, details: { code: 6 } }))
  await harness.drainEffects()
  await harness.report({ attempt: 2, page: 'page2', type: 'hello' })
  await harness.report({ attempt: 2, page: 'page2', type: 'loaded' })
  for (let minute = 0; minute < 11; minute += 1) {
    for (let beat = 0; beat < 6; beat += 1) {
      harness.jump(10)
      await harness.report({ attempt: 2, page: 'page2' })
    }
    await harness.pass(0.01)
  }
  expect((await readBody(harness)).json.attempts).toMatchObject([{ number: 2 }])
  return harness
}

const readAttempt = async (harness: Harness, number: number): Promise<AttemptView | undefined> => {
  const response = await harness.api(
    'GET',
    `/v1/recordings/${REQUEST.id}/attempts?before=${number + 1}&limit=1`,
  )
  return ((await response.json()) as { items: AttemptView[] }).items[0]
}

const upload = notification(
  {
    eventType: 31,
    noticeId: 'late',
    details: { fileList: [{ fileName: 'late.m3u8' }] },
  },
  { sequence: 7 },
)

describe('what arrives about a settled attempt', () => {
  test('is kept: the files of a late notification', async () => {
    const harness = await withSettled()
    expect((await harness.notify(upload)).status).toBe(200)
    expect(await readAttempt(harness, 1)).toMatchObject({ state: 'ended', files: [{ name: 'late.m3u8' }] })
    const { files } = await harness.recording()
    expect(files[0]).toMatchObject({ name: 'late.m3u8', attempt: 1, status: 'confirmed', upload: 'uploaded' })
    expect((await readBody(harness)).json.attempts).toMatchObject([{ number: 2 }])
  })

  test('does not bring its page back: its reports are answered 410', async () => {
    const harness = await withSettled()
    expect((await harness.report({ attempt: 1, page: 'page1' })).status).toBe(410)
  })

  test('changes nothing if its row cannot be read, and the log says so', async () => {
    const harness = await withSettled()
    await sql`update attempts set settled = '{}' where number = 1`.execute(harness.db)
    expect((await harness.notify(upload)).status).toBe(200)
    expect(harness.log().at(-1)).toMatchObject({
      msg: 'A settled attempt cannot be read',
      recordingId: REQUEST.id,
      attempt: 1,
    })
    expect(await harness.recording()).toMatchObject({ state: 'rolling', attemptCount: 2 })
    expect(await readAttempt(harness, 1)).toBeUndefined()
  })

  test('is stopped: a second task that the lost answer to its start had hidden', async () => {
    const harness = await withSettled()
    await sql`update attempts set settled = json_set(settled, '$.otherResourceIds', json('["resource9"]'), '$.sid', null),
      sid = null where number = 1`.execute(harness.db)
    await harness.notify(notification({ eventType: 70, noticeId: 'second' }, { sid: 'second', sequence: 0 }))
    await harness.drainEffects()
    expect(harness.agora.sent.at(-1)).toMatchObject({ call: 'stop', sid: 'second' })
    expect(await readAttempt(harness, 1)).toMatchObject({ sid: 'second', state: 'ended' })
  })
})

test('an effect of an attempt that has settled meanwhile is carried out with what is known of it', async () => {
  const harness = await withSettled()
  const load = async (attempt?: number) => (await harness.parts.engine.load(REQUEST.id, attempt))?.recording
  expect((await load())?.attempts.map(({ number }) => number)).toEqual([2])
  expect((await load(1))?.attempts.map(({ number, sid }) => [number, sid])).toEqual([
    [1, 'sid1'],
    [2, 'sid2'],
  ])
})
