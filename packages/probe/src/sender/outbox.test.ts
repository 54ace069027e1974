import { describe, expect, it } from 'vitest'
import type { ReportType } from '../types.ts'
import { add, type Draft, EMPTY_OUTBOX, type Letter, MAX_WAITING, type Outbox, putBack } from './outbox.ts'

const letter = (seq: number, keep: boolean, type: ReportType = 'heartbeat', note?: unknown): Letter => ({
  keep,
  draft: { type, seq, ...(note !== undefined && { note }) } as Draft,
})
const steady = (seq: number, note?: unknown) => letter(seq, false, 'heartbeat', note)
const turned = (seq: number) => letter(seq, true)

const fill = (...letters: Letter[]): Outbox => letters.reduce(add, EMPTY_OUTBOX)
const seqs = (outbox: Outbox) => outbox.waiting.map((one) => one.draft.seq)

describe('add', () => {
  it('keeps the order', () => {
    const outbox = fill(letter(1, true, 'hello'), letter(2, true, 'loaded'), turned(3), steady(4))
    expect(seqs(outbox)).toEqual([1, 2, 3, 4])
    expect(outbox.missed).toBe(0)
  })

  it('keeps only the newest steady heartbeat and counts the others', () => {
    const outbox = fill(letter(1, true, 'hello'), steady(2), steady(3), steady(4))
    expect(seqs(outbox)).toEqual([1, 4])
    expect(outbox.missed).toBe(2)
  })

  it('lets a steady heartbeat give way to any newer report', () => {
    expect(seqs(fill(steady(1), turned(2)))).toEqual([2])
    expect(seqs(fill(steady(1), letter(2, true, 'loaded')))).toEqual([2])
  })

  it('hands on the note of a heartbeat that gives way, unless there is a newer one', () => {
    expect(fill(steady(1, 'old'), steady(2)).waiting[0]?.draft.note).toBe('old')
    expect(fill(steady(1, 'old'), steady(2, 'new')).waiting[0]?.draft.note).toBe('new')
  })

  it('is bounded: the oldest turned heartbeat gives way, hello and loaded never', () => {
    const beats = Array.from({ length: MAX_WAITING }, (_, i) => turned(i + 3))
    const outbox = fill(letter(1, true, 'hello'), letter(2, true, 'loaded'), ...beats)
    expect(seqs(outbox).slice(0, 3)).toEqual([1, 2, 5])
    expect(outbox.waiting).toHaveLength(MAX_WAITING)
    expect(outbox.missed).toBe(2)
  })
})

describe('putBack', () => {
  it('puts in front what must arrive', () => {
    expect(seqs(putBack(fill(turned(2), steady(3)), letter(1, true, 'hello')))).toEqual([1, 2, 3])
  })

  it('puts back a steady heartbeat when nothing newer waits', () => {
    expect(putBack(EMPTY_OUTBOX, steady(1))).toEqual({ waiting: [steady(1)], missed: 0 })
  })

  it('gives up a steady heartbeat for a newer report, which takes its note', () => {
    const outbox = putBack(fill(steady(2)), steady(1, 'old'))
    expect(outbox).toEqual({ waiting: [steady(2, 'old')], missed: 1 })
  })
})
