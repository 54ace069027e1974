import { describe, expect, test } from 'vitest'
import { expectRefusedReport } from '../testing/expectProblem.ts'
import { createHarness, type Harness, REQUEST } from '../testing/harness.ts'
import { destinationAt, openReceiver, type Receiver } from '../testing/receiver.ts'
import { REPORT_LIMITS } from './reportLimits.ts'

const open = async (types = ['*']): Promise<{ harness: Harness; receiver: Receiver }> => {
  const receiver = await openReceiver()
  const deliveries = { destinations: [destinationAt(receiver.url, { types })], allowPrivate: true }
  const harness = await createHarness({ deliveries, reportLimits: REPORT_LIMITS })
  await harness.rolling({ labels: { course: '7b' } })
  return { harness, receiver }
}

/** Those that a receiver which ignores ids that it knows has got: a crash may have one sent twice. */
const notesTo = async (harness: Harness, { received }: Receiver): Promise<unknown[]> => {
  await harness.drainEffects()
  const notes = received.filter(({ body }) => body.type === 'page.note')
  return [...new Map(notes.map(({ body }) => [body.id, body.note])).values()]
}

describe('a note in a report', () => {
  test('is delivered with its recording and attempt, and is stored before the report is acknowledged', async () => {
    const { harness, receiver } = await open()
    expect((await harness.report({ note: { slide: 3, title: 'Ä 🎓' } })).status).toBe(200)
    const [delivery] = await harness.db
      .selectFrom('deliveries')
      .selectAll()
      .where('type', '=', 'page.note')
      .execute()
    expect(delivery).toMatchObject({ state: 'pending', recording_id: REQUEST.id })
    await harness.drainEffects()
    expect(receiver.accepted.at(-1)?.body).toMatchObject({
      type: 'page.note',
      recording: { id: REQUEST.id, labels: { course: '7b' }, state: 'rolling', attempt: 1, sid: 'sid1' },
      attempt: 1,
      note: { slide: 3, title: 'Ä 🎓' },
    })
  })

  test('is delivered once, however often its report comes and whichever reports have it, also after a crash', async () => {
    const { harness, receiver } = await open()
    await harness.report({ note: { slide: 3 }, seq: 100 })
    await harness.report({ note: { slide: 3 }, seq: 100 })
    // The answer was lost, so the probe sends the note with the next report as well.
    await harness.report({ note: { slide: 3 }, seq: 101 })
    await harness.crash()
    await harness.report({ note: { slide: 3 }, seq: 101 })
    await harness.report({ note: { slide: 3 }, seq: 102 })
    expect(await notesTo(harness, receiver)).toEqual([{ slide: 3 }])
    await harness.report({ note: { slide: 4 }, seq: 103 })
    await harness.report({ note: { slide: 3 }, seq: 104 })
    expect(await notesTo(harness, receiver)).toEqual([{ slide: 3 }, { slide: 4 }, { slide: 3 }])
  })

  test('may be any JSON, and comes with every type of report', async () => {
    const { harness, receiver } = await open()
    await harness.report({ note: null })
    await harness.report({ note: 0, type: 'hello', page: 'page2' })
    await harness.report({ note: 'loaded', type: 'loaded', page: 'page2' })
    await harness.report({
      note: ['bye', { __proto__: null, deep: [[1.5, true]] }],
      type: 'bye',
      page: 'page2',
    })
    expect(await notesTo(harness, receiver)).toEqual([null, 0, 'loaded', ['bye', { deep: [[1.5, true]] }]])
  })

  test('that is late, or of an earlier document, is not delivered', async () => {
    const { harness, receiver } = await open()
    await harness.report({ type: 'hello', page: 'page2', seq: 200 })
    await harness.report({ note: 'of the earlier document', page: 'page1', seq: 201 })
    await harness.report({ note: 'late', page: 'page2', seq: 150 })
    expect(await notesTo(harness, receiver)).toEqual([])
  })

  test.each([
    ['x'.repeat(1022), 1],
    ['x'.repeat(1023), 0],
    ['ä'.repeat(511), 1],
    ['ä'.repeat(512), 0],
  ])('of more than 1 KiB is left out, and its report counts', async (note, count) => {
    const { harness, receiver } = await open()
    expect((await harness.report({ note, checks: [{ name: '#board', ok: false }] })).status).toBe(200)
    expect((await harness.recording()).state).toBe('unhealthy')
    expect(await notesTo(harness, receiver)).toHaveLength(count)
  })

  test.each([['without a destination'], ['with one that is not sent notes']])(
    'costs no write %s',
    async (which) => {
      const { harness } =
        which === 'without a destination'
          ? { harness: await createHarness() }
          : await open(['recording.*', 'delivery.*'])
      if (which === 'without a destination') await harness.rolling()
      const before = await harness.dump()
      expect((await harness.report({ note: { slide: 3 } })).status).toBe(200)
      expect(await harness.dump()).toEqual(before)
    },
  )

  test('beyond the limit is answered 429 until later, and reports without a new note are not', async () => {
    const { harness, receiver } = await open()
    for (let slide = 1; slide <= REPORT_LIMITS.notes; slide += 1) {
      expect((await harness.report({ note: { slide } })).status).toBe(200)
    }
    const refused = await harness.report({ note: { slide: 99 } })
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThanOrEqual(1)
    await expectRefusedReport(refused, 429)
    expect((await harness.report({ note: { slide: REPORT_LIMITS.notes } })).status).toBe(200)
    expect((await harness.report({})).status).toBe(200)
    expect(await notesTo(harness, receiver)).toHaveLength(REPORT_LIMITS.notes)
  })
})
