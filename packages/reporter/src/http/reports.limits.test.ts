import { describe, expect, test } from 'vitest'
import { expectRefusedReport } from '../testing/expectProblem.ts'
import { createHarness, type Harness, HEALTHY, REQUEST } from '../testing/harness.ts'

describe('beyond a limit', () => {
  const Limits = { seconds: 10, reports: 5, documents: 2, notes: 2, refusals: 3 }
  const warnings = (harness: Harness) =>
    harness.log().filter(({ msg }) => String(msg).includes('exceeds the limit'))

  const expectTooMany = async (response: Response): Promise<void> => {
    expect(Number(response.headers.get('retry-after'))).toBeGreaterThanOrEqual(1)
    expect(Number(response.headers.get('retry-after'))).toBeLessThanOrEqual(Limits.seconds)
    await expectRefusedReport(response, 429)
  }

  test('reports of an attempt are answered 429 and change nothing, and others are not affected', async () => {
    const harness = await createHarness({ reportLimits: Limits })
    await harness.rolling()
    await harness.rolling({ id: 'other' })
    for (let n = 0; n < 3; n += 1) expect((await harness.report({})).status).toBe(200)
    const before = await harness.dump()
    for (let n = 0; n < 3; n += 1) {
      await expectTooMany(await harness.report({ checks: [{ name: '#board', ok: false }] }))
    }
    expect(await harness.dump()).toEqual(before)
    expect((await harness.report({ recordingId: 'other' })).status).toBe(200)
    expect(warnings(harness)).toMatchObject([{ level: 40, recordingId: REQUEST.id, attempt: 1 }])
  })

  test('the next attempt is not limited by those of the one before', async () => {
    const harness = await createHarness({ reportLimits: Limits })
    await harness.rolling()
    for (let n = 0; n < 9; n += 1) await harness.report({})
    await harness.api('POST', '/v1/recordings/class42/restart')
    await harness.drainEffects()
    expect((await harness.report({ attempt: 2, type: 'hello', page: 'page2' })).status).toBe(200)
  })

  test('new documents of an attempt are answered 429, and known ones report on', async () => {
    const harness = await createHarness({ reportLimits: { ...Limits, reports: 100 } })
    await harness.rolling()
    expect((await harness.report({ type: 'hello', page: 'page2' })).status).toBe(200)
    const before = await harness.dump()
    for (const type of ['hello', 'loaded', 'heartbeat'] as const) {
      await expectTooMany(await harness.report({ type, page: 'page3' }))
    }
    expect(await harness.dump()).toEqual(before)
    for (const page of ['page1', 'page2']) expect((await harness.report({ page })).status).toBe(200)
    expect(warnings(harness)).toHaveLength(1)
  })

  test('tokens that are not valid are answered 429, and valid ones of the same address are not', async () => {
    const harness = await createHarness({ reportLimits: Limits })
    await harness.rolling()
    const token = await harness.token({ secret: 'a secret that was removed' })
    for (let n = 0; n < 3; n += 1) await expectRefusedReport(await harness.report({ token }), 401)
    for (let n = 0; n < 3; n += 1) await expectTooMany(await harness.report({ token }))
    expect((await harness.report({})).status).toBe(200)
  })

  test('addresses behind a trusted proxy are counted separately, and so are the networks of IPv6', async () => {
    const trustedProxies = ['10.0.0.9']
    const { parts, ...harness } = await createHarness({ reportLimits: Limits, trustedProxies })
    await harness.create()
    const body = JSON.stringify({ ...HEALTHY, seq: 1, token: 'v1.class42-1.forged' })
    const statusOf = async (forwarded: string, remoteAddress = '10.0.0.9'): Promise<number> => {
      const init = { method: 'POST', headers: { 'x-forwarded-for': forwarded }, body }
      return (await parts.app.request('/v1/reports', init, { incoming: { socket: { remoteAddress } } }))
        .status
    }
    const flood = async (...addresses: string[]): Promise<number[]> => {
      const statuses: number[] = []
      for (const address of addresses) statuses.push(await statusOf(address))
      return statuses
    }
    expect(await flood('203.0.113.1', '203.0.113.1', '203.0.113.1', '203.0.113.1')).toEqual([
      401, 401, 401, 429,
    ])
    expect(await flood('203.0.113.2', '203.0.113.1')).toEqual([401, 429])
    expect(await flood('2001:db8::1', '2001:db8::2', '2001:db8:0:0:9::', '2001:db8::a:b')).toEqual([
      401, 401, 401, 429,
    ])
    expect(await flood('2001:db8:0:1::1')).toEqual([401])
    expect(await statusOf('203.0.113.1', '203.0.113.3')).toBe(401)
  })
})

test('below the limits, a page that fails and recovers all the time causes few entries and few attempts', async () => {
  const harness = await createHarness({ defaultPolicy: {} })
  await harness.create()
  const token = await harness.token()
  const overdue = { name: '#board', ok: false, detail: 'not in the document', overdue: true }
  for (let second = 0; second < 120; second += 1) {
    const page = `page${second % 12}`
    await harness.report({ token, type: 'hello', checks: [overdue], page })
    await harness.drainEffects()
    await harness.report({ token, type: 'loaded', page })
    await harness.pass(1)
  }
  expect(harness.agora.calls().filter((call) => call === 'start').length).toBeLessThanOrEqual(5)
  expect((await harness.timeline()).length).toBeLessThanOrEqual(60)
})
