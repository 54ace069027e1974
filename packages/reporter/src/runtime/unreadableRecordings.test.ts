import { sql } from 'kysely'
import { describe, expect, test } from 'vitest'
import { createHarness, type Harness } from '../testing/harness.ts'
import type { Readiness } from './health.ts'

const damage = (harness: Harness, id: string) =>
  sql`update recordings set body = json_replace(body, '$.attempts[0].state', 'standby') where id = ${id}`.execute(
    harness.db,
  )

const readyz = async (harness: Harness): Promise<Readiness> =>
  (await harness.request('/readyz')).json() as Promise<Readiness>

const linesOf = (harness: Harness) => harness.log().filter(({ recordingIds }) => recordingIds !== undefined)

describe('live recordings that cannot be read', () => {
  test('make the reporter degraded, which names their number and ids; the log says why, once', async () => {
    const harness = await createHarness()
    const { unreadable } = harness.parts
    for (const id of ['a', 'b', 'c']) await harness.create({ id })
    await unreadable.scan()
    expect(await readyz(harness)).toMatchObject({ status: 'ok', checks: { recordings: { ok: true } } })

    await damage(harness, 'a')
    await damage(harness, 'c')
    await unreadable.scan()
    await unreadable.scan()
    const readiness = await readyz(harness)
    expect(readiness.status).toBe('degraded')
    expect(readiness.checks.recordings).toEqual({
      ok: false,
      detail:
        '2 live recordings cannot be read by this version and are not supervised: a, c; the log says why',
    })
    expect(linesOf(harness)).toEqual([
      expect.objectContaining({
        level: 50,
        count: 2,
        recordingIds: ['a', 'c'],
        err: expect.objectContaining({ message: expect.stringContaining('attempts[0].state') }),
      }),
    ])
  })

  test('are named up to the tenth, and forgotten when they can be read again', async () => {
    const harness = await createHarness()
    const ids = Array.from({ length: 25 }, (_, index) => `r${index + 10}`)
    for (const id of ids) await harness.create({ id })
    for (const id of ids) await damage(harness, id)
    await harness.parts.unreadable.scan()
    const { detail } = (await readyz(harness)).checks.recordings
    expect(detail).toContain(`: ${ids.slice(0, 10).join(', ')} and 15 more;`)
    await sql`update recordings set body = json_replace(body, '$.attempts[0].state', 'starting')`.execute(
      harness.db,
    )
    await harness.parts.unreadable.scan()
    expect((await readyz(harness)).checks.recordings.ok).toBe(true)
  })

  test('do not include recordings that have ended', async () => {
    const harness = await createHarness()
    await harness.create()
    await harness.api('POST', '/v1/recordings/class42/stop')
    await harness.drainEffects()
    await damage(harness, 'class42')
    await harness.parts.unreadable.scan()
    expect((await readyz(harness)).checks.recordings.ok).toBe(true)
  })
})
