import { sql } from 'kysely'
import { describe, expect, test } from 'vitest'
import { createHarness } from '../../testing/harness.ts'
import type { TimelineView } from './timeline.ts'

describe('GET /v1/recordings/:id/timeline', () => {
  test('returns the entries oldest first, page by page', async () => {
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

  test.each(['junk', '[1]', 'null', '"text"', ''])(
    'shows damaged evidence (%j) as unreadable, and all other entries',
    async (text) => {
      const harness = await createHarness()
      await harness.create()
      const before = await harness.timeline()
      const [, damaged] = before
      await sql`update timeline set evidence = ${text} where id = ${damaged?.id}`.execute(harness.db)
      expect(await harness.timeline()).toEqual(
        before.map((entry) =>
          entry.id === damaged?.id ? { ...entry, evidence: { unreadable: text } } : entry,
        ),
      )
    },
  )

  test.each(['after=-1', 'after=x', 'limit=1001'])('refuses %s', async (query) => {
    const harness = await createHarness()
    await harness.create()
    const response = await harness.api('GET', `/v1/recordings/class42/timeline?${query}`)
    expect(response.status).toBe(422)
  })
})
