import { describe, expect, test } from 'vitest'
import { rolling, track } from './testing/trackedRecording.ts'

describe('while most pages are silent', () => {
  test('a silent page is told, is not asked about, and is looked at every 10 s', () => {
    const it = rolling()
    it.ingressSuspect = true
    it.pass(100)
    expect(it.timeline.filter(({ code }) => code === 'page.silent_in_outage')).toHaveLength(1)
    expect(it.timesOf('query', 1)).toEqual([5])
    expect(it.state).toBe('unhealthy')
    expect(it.deadlines.beatBy).toBe(117)
    it.ingressSuspect = false
    it.heartbeat()
    expect(it.codes).toEqual(['page.returned', 'recording.rolling'])
    expect(it.recording.attempts).toHaveLength(1)
  })

  test('it is judged when that is over', () => {
    const it = rolling()
    it.ingressSuspect = true
    it.pass(100)
    it.ingressSuspect = false
    it.pass(10)
    expect(it.reasons[0]).toBe('page_silent')
  })

  test('a query that was under way when it began restarts nothing', () => {
    const it = rolling().dueAfter(30)
    it.ingressSuspect = true
    it.answers(5)
    expect(it.live?.number).toBe(1)
    expect(it.deadlines).toEqual({ beatBy: 37 + 10, queryAt: 37 + 120 })
  })

  test('a page that never reached the reporter has more time, too', () => {
    const it = track().acquired().started().confirmed()
    it.ingressSuspect = true
    it.pass(200)
    expect(it.live?.number).toBe(1)
    it.ingressSuspect = false
    it.pass(10)
    expect(it.reasons[0]).toBe('page_never_contacted')
    const asked = track().acquired().started().confirmed().dueAfter(70)
    asked.ingressSuspect = true
    expect(asked.answers(5).live?.number).toBe(1)
    expect(asked.deadlines.loadBy).toBe(75 + 10)
  })

  test('a page may have loaded, or be well again, and cannot say so', () => {
    const loading = track().acquired().started().confirmed().hello()
    loading.ingressSuspect = true
    expect(loading.pass(150).live?.number).toBe(1)
    const failing = rolling({ unhealthyTimeout: 60 }).fails('#board')
    failing.ingressSuspect = true
    expect(failing.pass(150).live?.number).toBe(1)
    failing.ingressSuspect = false
    expect(failing.pass(10).reasons[0]).toBe('page_silent')
  })

  test('what a page that is heard says counts', () => {
    const it = rolling().fails('#board')
    it.ingressSuspect = true
    expect(it.pass(20).reasons[0]).toBe('page_unhealthy')
  })

  test('what is known for certain is acted on', () => {
    const certain = () => {
      const it = rolling()
      it.ingressSuspect = true
      return it.pass(40)
    }
    expect(certain().notified(71, { code: 6 }).reasons[0]).toBe('stopped_by_agora')
    expect(certain().pass(120, { agora: 20 }).reasons[0]).toBe('lost_at_agora')
    expect(certain().pass(200, { agora: 'notFound' }).reasons[0]).toBe('lost_at_agora')
  })
})
