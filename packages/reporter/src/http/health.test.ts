import { sql } from 'kysely'
import { describe, expect, test } from 'vitest'
import type { Readiness } from '../runtime/health.ts'
import { createHarness, type Harness, notification } from '../testing/harness.ts'

const readyz = async (harness: Harness): Promise<Readiness & { code: number }> => {
  const response = await harness.request('/readyz')
  return { code: response.status, ...((await response.json()) as Readiness) }
}

describe('/healthz', () => {
  test('answers 200 whatever else is wrong', async () => {
    const harness = await createHarness()
    harness.parts.health.drain()
    const response = await harness.request('/healthz')
    expect(response.status).toBe(200)
    expect(await response.json()).toEqual({ status: 'ok' })
  })
})

describe('/readyz', () => {
  test('is ok, check by check, and needs no key', async () => {
    const harness = await createHarness()
    await harness.pass(1)
    expect(await readyz(harness)).toMatchObject({
      code: 200,
      status: 'ok',
      checks: {
        database: { ok: true },
        supervisor: { ok: true },
        reports: { ok: true },
        publicUrl: { ok: true, detail: 'is not checked' },
        process: { ok: true },
        agora: { ok: true, detail: 'last accepted: none yet; none refused' },
        notifications: { ok: true },
        tokens: { ok: true },
      },
    })
  })

  test('is unavailable when no deadline was checked for 30 s', async () => {
    const harness = await createHarness()
    harness.jump(29)
    expect((await readyz(harness)).status).toBe('ok')
    harness.jump(2)
    expect(await readyz(harness)).toMatchObject({
      code: 503,
      status: 'unavailable',
      checks: {
        supervisor: { ok: false, detail: expect.stringContaining('31.0 s ago') },
        database: { ok: true },
      },
    })
    await harness.pass(1)
    expect((await readyz(harness)).code).toBe(200)
  })

  test('is unavailable when the database cannot be read, and when it cannot be written for 30 s', async () => {
    const harness = await createHarness()
    await sql`alter table ticks rename to elsewhere`.execute(harness.db)
    expect(await readyz(harness)).toMatchObject({ code: 503, checks: { database: { ok: false } } })
    await sql`alter table elsewhere rename to ticks`.execute(harness.db)
    await sql`create trigger full before insert on ticks begin select raise(abort, 'injected'); end`.execute(
      harness.db,
    )
    for (let n = 0; n < 310; n += 1) await harness.pass(0.1).catch(() => {})
    expect(await readyz(harness)).toMatchObject({
      code: 503,
      checks: { database: { ok: true }, supervisor: { ok: false } },
    })
  })

  test('is unavailable as soon as the process shuts down', async () => {
    const harness = await createHarness()
    harness.parts.health.drain()
    expect(await readyz(harness)).toMatchObject({ code: 503, checks: { process: { ok: false } } })
  })

  test('is degraded while the last notification was refused', async () => {
    const harness = await createHarness()
    await harness.pass(1)
    const wrong = { 'agora-signature-v2': 'ab' }
    for (let n = 0; n < 3; n += 1) await harness.notify(notification({ eventType: 70 }), wrong)
    expect(await readyz(harness)).toMatchObject({
      code: 200,
      status: 'degraded',
      checks: { notifications: { ok: false, detail: expect.stringContaining('AGORA_NOTIFICATION_SECRET') } },
    })
    harness.jump(60)
    await harness.pass(1)
    await harness.notify(notification({ eventType: 70 }), wrong)
    const lines = harness.log().filter(({ msg }) => String(msg).startsWith('Notifications were refused'))
    expect(lines).toMatchObject([
      { level: 40, count: 1 },
      { level: 40, count: 3 },
    ])
    await harness.notify(notification({ eventType: 70 }))
    expect(await readyz(harness)).toMatchObject({ status: 'ok', checks: { notifications: { ok: true } } })
  })

  test('is ok again ten minutes after a stranger sent an unsigned notification and a forged token', async () => {
    const harness = await createHarness()
    await harness.notify(notification({ eventType: 70 }), {})
    await harness.report({ token: await harness.token({ secret: 'a guess' }) })
    await harness.pass(1)
    expect(await readyz(harness)).toMatchObject({ status: 'degraded' })
    await harness.pass(600)
    expect(await readyz(harness)).toMatchObject({
      status: 'ok',
      checks: { notifications: { ok: true, detail: expect.stringContaining('last refused: 2026-') } },
    })
  })

  test("is degraded while the last report's token was refused", async () => {
    const harness = await createHarness()
    await harness.rolling()
    await harness.report({ token: await harness.token({ secret: 'a removed secret' }) })
    expect(await readyz(harness)).toMatchObject({
      status: 'degraded',
      checks: { tokens: { ok: false, detail: expect.stringContaining('STILLROLLING_SECRET') } },
    })
    await harness.report({})
    expect(await readyz(harness)).toMatchObject({ status: 'ok', checks: { tokens: { ok: true } } })
  })
})
