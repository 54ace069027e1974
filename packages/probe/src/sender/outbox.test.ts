import { describe, expect, test } from 'vitest'
import type { ReportType } from '../types.ts'
import { type Draft, enqueue, MAX_QUEUED, type QueuedReport, requeue } from './outbox.ts'

const queued = (seq: number, keep: boolean, type: ReportType = 'heartbeat'): QueuedReport => ({
  keep,
  draft: { type, seq } as Draft,
})
const steady = (seq: number) => queued(seq, false)
const changed = (seq: number) => queued(seq, true)

const fill = (...reports: QueuedReport[]): QueuedReport[] => reports.reduce(enqueue, [])
const seqs = (queue: QueuedReport[]) => queue.map((one) => one.draft.seq)

describe('enqueue', () => {
  test('keeps the order', () => {
    const queue = fill(queued(1, true, 'hello'), queued(2, true, 'loaded'), changed(3), steady(4))
    expect(seqs(queue)).toEqual([1, 2, 3, 4])
  })

  test('keeps only the newest steady heartbeat', () => {
    expect(seqs(fill(queued(1, true, 'hello'), steady(2), steady(3), steady(4)))).toEqual([1, 4])
  })

  test('replaces a steady heartbeat by any newer report', () => {
    expect(seqs(fill(steady(1), changed(2)))).toEqual([2])
    expect(seqs(fill(steady(1), queued(2, true, 'loaded')))).toEqual([2])
  })

  test('is bounded: it drops the oldest heartbeat with a changed check, never hello or loaded', () => {
    const heartbeats = Array.from({ length: MAX_QUEUED }, (_, i) => changed(i + 3))
    const queue = fill(queued(1, true, 'hello'), queued(2, true, 'loaded'), ...heartbeats)
    expect(seqs(queue).slice(0, 3)).toEqual([1, 2, 5])
    expect(queue).toHaveLength(MAX_QUEUED)
  })
})

describe('requeue', () => {
  test('puts a report that must arrive in front', () => {
    expect(seqs(requeue(fill(changed(2), steady(3)), queued(1, true, 'hello')))).toEqual([1, 2, 3])
  })

  test('keeps a steady heartbeat if no newer report waits', () => {
    expect(requeue([], steady(1))).toEqual([steady(1)])
  })

  test('drops a steady heartbeat for a newer report', () => {
    expect(requeue(fill(steady(2)), steady(1))).toEqual([steady(2)])
  })
})
