import { describe, expect, test } from 'vitest'
import type { ReportType } from '../types.ts'
import { add, type Draft, type Letter, MAX_WAITING, putBack } from './outbox.ts'

const letter = (seq: number, keep: boolean, type: ReportType = 'heartbeat', note?: unknown): Letter => ({
  keep,
  draft: { type, seq, ...(note !== undefined && { note }) } as Draft,
})
const steady = (seq: number, note?: unknown) => letter(seq, false, 'heartbeat', note)
const turned = (seq: number) => letter(seq, true)

const fill = (...letters: Letter[]): Letter[] => letters.reduce(add, [])
const seqs = (waiting: Letter[]) => waiting.map((one) => one.draft.seq)

describe('add', () => {
  test('keeps the order', () => {
    const waiting = fill(letter(1, true, 'hello'), letter(2, true, 'loaded'), turned(3), steady(4))
    expect(seqs(waiting)).toEqual([1, 2, 3, 4])
  })

  test('keeps only the newest steady heartbeat', () => {
    expect(seqs(fill(letter(1, true, 'hello'), steady(2), steady(3), steady(4)))).toEqual([1, 4])
  })

  test('lets a steady heartbeat give way to any newer report', () => {
    expect(seqs(fill(steady(1), turned(2)))).toEqual([2])
    expect(seqs(fill(steady(1), letter(2, true, 'loaded')))).toEqual([2])
  })

  test('hands on the note of a heartbeat that gives way, unless there is a newer one', () => {
    expect(fill(steady(1, 'old'), steady(2))[0]?.draft.note).toBe('old')
    expect(fill(steady(1, 'old'), steady(2, 'new'))[0]?.draft.note).toBe('new')
  })

  test('is bounded: the oldest turned heartbeat gives way, hello and loaded never', () => {
    const beats = Array.from({ length: MAX_WAITING }, (_, i) => turned(i + 3))
    const waiting = fill(letter(1, true, 'hello'), letter(2, true, 'loaded'), ...beats)
    expect(seqs(waiting).slice(0, 3)).toEqual([1, 2, 5])
    expect(waiting).toHaveLength(MAX_WAITING)
  })
})

describe('putBack', () => {
  test('puts in front what must arrive', () => {
    expect(seqs(putBack(fill(turned(2), steady(3)), letter(1, true, 'hello')))).toEqual([1, 2, 3])
  })

  test('puts back a steady heartbeat when nothing newer waits', () => {
    expect(putBack([], steady(1))).toEqual([steady(1)])
  })

  test('gives up a steady heartbeat for a newer report, which takes its note', () => {
    expect(putBack(fill(steady(2)), steady(1, 'old'))).toEqual([steady(2, 'old')])
  })
})
