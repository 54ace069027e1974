import { sql } from 'kysely'
import { describe, expect, test } from 'vitest'
import { expectRefusedReport } from '../testing/expectProblem.ts'
import { createHarness, type Harness, REQUEST, SECRETS } from '../testing/harness.ts'
import { signToken } from '../token.ts'
import type { ReportLimits } from './reportLimits.ts'

/** Of an attempt that is made when the clock of a harness starts. */
const FORMER_NONCE = Date.UTC(2026, 0, 1).toString(36)

const tokenOf = (nonce: string | null): string =>
  signToken({ recordingId: REQUEST.id, attempt: 1, nonce }, SECRETS.page)

describe('a token of another life of the id', () => {
  const startedAgain = async (reportLimits?: ReportLimits): Promise<{ harness: Harness; former: string }> => {
    const harness = await createHarness({ retentionDays: 1, ...(reportLimits && { reportLimits }) })
    await harness.rolling()
    const former = await harness.token()
    await harness.api('POST', '/v1/recordings/class42/stop')
    await harness.drainEffects()
    harness.jump(2 * 86_400)
    await harness.parts.retention.runOnce()
    await harness.rolling()
    return { harness, former }
  }

  test('is answered 410, and changes nothing', async () => {
    const { harness, former } = await startedAgain()
    expect(await harness.token()).not.toBe(former)
    const before = await harness.dump()
    for (const type of ['hello', 'heartbeat', 'bye'] as const) {
      await expectRefusedReport(await harness.report({ token: former, type, page: 'page9' }), 410)
    }
    expect(await harness.dump()).toEqual(before)
    expect((await harness.report({})).status).toBe(200)
  })

  test('uses up nothing of what the attempt may send', async () => {
    const { harness, former } = await startedAgain({
      seconds: 10,
      reports: 5,
      documents: 5,
      notes: 5,
      refusals: 5,
    })
    const answers = new Set<number>()
    for (let n = 0; n < 9; n += 1) answers.add((await harness.report({ token: former })).status)
    expect(answers).toEqual(new Set([410, 429]))
    expect((await harness.report({})).status).toBe(200)
  })

  test('leaves no trace either if its secret was removed', async () => {
    const { harness } = await startedAgain()
    const before = await harness.dump()
    const token = signToken(
      { recordingId: REQUEST.id, attempt: 1, nonce: FORMER_NONCE },
      'a secret that was removed',
    )
    await expectRefusedReport(await harness.report({ token }), 401)
    expect(await harness.dump()).toEqual(before)
  })

  test('is answered 410 if it has no nonce, and the attempt has one', async () => {
    const harness = await createHarness()
    await harness.rolling()
    await expectRefusedReport(await harness.report({ token: tokenOf(null) }), 410)
  })
})

test('an attempt that an earlier version has made takes the token without a nonce, across an upgrade', async () => {
  const harness = await createHarness()
  await harness.rolling()
  const former = tokenOf(null)
  await sql`update recordings set body = json_remove(body, '$.attempts[0].nonce')`.execute(harness.db)
  await harness.crash()
  expect((await harness.report({ token: former })).status).toBe(200)
  await expectRefusedReport(await harness.report({ token: tokenOf(FORMER_NONCE) }), 410)
  await harness.pass(1)
  expect((await harness.report({ token: former, checks: [{ name: '#board', ok: false }] })).status).toBe(200)
  await harness.api('POST', '/v1/recordings/class42/restart')
  await harness.drainEffects()
  expect(await harness.token({ attempt: 2 })).toMatch(/^v1\.class42-2-[a-z0-9]+\./)
  expect((await harness.report({ attempt: 2, type: 'hello', page: 'page2' })).status).toBe(200)
})

describe('a report whose token was signed with a removed secret', () => {
  const refuse = async (harness: Harness, recordingId: string, attempt: number) =>
    harness.report({
      token: await harness.token({ recordingId, attempt, secret: 'a secret that was removed' }),
    })
  const refusals = async (harness: Harness) =>
    (await harness.timeline()).filter(({ code }) => code === 'page.token_refused')

  test('is refused, and once per attempt the timeline says so', async () => {
    const harness = await createHarness()
    await harness.rolling()
    const before = await harness.recording()
    for (let n = 0; n < 3; n += 1) expect((await refuse(harness, REQUEST.id, 1)).status).toBe(401)
    expect(await refusals(harness)).toMatchObject([{ attempt: 1 }])
    await harness.crash()
    await refuse(harness, REQUEST.id, 1)
    expect(await refusals(harness)).toHaveLength(1)
    const after = await harness.recording()
    expect(after.attempts[0]?.lastBeatAt).toBe(before.attempts[0]?.lastBeatAt)
    expect(after.state).toBe('rolling')
  })

  test('leaves no trace if it names an unknown recording or attempt, or a stopped one', async () => {
    const harness = await createHarness()
    await harness.rolling()
    await refuse(harness, 'unknown', 1)
    await refuse(harness, REQUEST.id, 2)
    await harness.api('POST', '/v1/recordings/class42/stop')
    await harness.drainEffects()
    await refuse(harness, REQUEST.id, 1)
    await harness.report({ token: 'no token at all' })
    expect(await refusals(harness)).toEqual([])
  })
})
