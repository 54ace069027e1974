import { describe, expect, test } from 'vitest'
import {
  rollingWithReplace as rolling,
  rolling as rollingWithOverlap,
  type TrackedRecording,
  trackWithReplace as track,
} from '../testing/trackedRecording.ts'

describe('during an ingress outage', () => {
  test('a silent page is recorded once, causes no query, and is checked every 10 s', () => {
    const it = rolling()
    it.ingressSuspect = true
    it.pass(100)
    expect(it.timeline.filter(({ code }) => code === 'page.silent_in_outage')).toHaveLength(1)
    expect(it.timesOf('query', 1)).toEqual([5])
    expect(it.state).toBe('unhealthy')
    expect(it.deadlines.beatBy).toBe(117)
    it.ingressSuspect = false
    it.heartbeat()
    expect(it.codes).toEqual(['page.returned', 'attention.cleared', 'recording.rolling'])
    expect(it.recording.attempts).toHaveLength(1)
  })

  test('a page is failed only after the outage if it stays silent', () => {
    const it = rolling()
    it.ingressSuspect = true
    it.pass(100)
    it.ingressSuspect = false
    it.pass(10)
    expect(it.reasons[0]).toBe('page_silent')
  })

  test('the answer to a query from before the outage restarts nothing', () => {
    const it = rolling().dueAfter(30)
    it.ingressSuspect = true
    it.answers(5)
    expect(it.live?.number).toBe(1)
    expect(it.deadlines).toEqual({ beatBy: 37 + 10, queryAt: 37 + 120, fileBy: 185 })
  })

  test('a page that never contacted the reporter has more time, too', () => {
    const it = track().acquired().started().confirmed()
    it.ingressSuspect = true
    it.pass(200)
    expect(it.live?.number).toBe(1)
    it.ingressSuspect = false
    it.pass(10)
    expect(it.reasons[0]).toBe('page_never_contacted')
    const queried = track().acquired().started().confirmed().dueAfter(70)
    queried.ingressSuspect = true
    expect(queried.answers(5).live?.number).toBe(1)
    expect(queried.deadlines.loadBy).toBe(75 + 10)
  })

  test('load and health deadlines of a silent page are extended, because its reports may not arrive', () => {
    const loading = track().acquired().started().confirmed().hello()
    loading.ingressSuspect = true
    expect(loading.pass(150).live?.number).toBe(1)
    const failing = rolling({ unhealthyTimeout: 60 }).checksFail('#board')
    failing.ingressSuspect = true
    expect(failing.pass(150).live?.number).toBe(1)
    failing.ingressSuspect = false
    expect(failing.pass(10).reasons[0]).toBe('page_silent')
  })

  test('failed checks of a page that reports still count', () => {
    const it = rolling().checksFail('#board')
    it.ingressSuspect = true
    expect(it.pass(20).reasons[0]).toBe('page_unhealthy')
  })

  test('certain evidence still counts', () => {
    const silentInOutage = () => {
      const it = rolling()
      it.ingressSuspect = true
      return it.pass(40)
    }
    expect(silentInOutage().notification(71, { code: 6 }).reasons[0]).toBe('stopped_by_agora')
    expect(silentInOutage().pass(120, { agora: 20 }).reasons[0]).toBe('lost_at_agora')
    expect(silentInOutage().pass(200, { agora: 'notFound' }).reasons[0]).toBe('lost_at_agora')
  })

  describe('raises attention', () => {
    const codes = (it: TrackedRecording) => it.recording.attention.map(({ code }) => code)
    const silentInOutage = (it = rolling()) => {
      it.ingressSuspect = true
      return it.pass(100)
    }

    test('with the cause, which may become known later', () => {
      const it = rolling()
      it.ingressSuspect = true
      it.pass(30)
      expect(it.recording.attention).toMatchObject([
        { code: 'reports_not_received', message: expect.stringContaining('Check the way from the pages') },
      ])
      const [{ since } = { since: 0 }] = it.recording.attention
      it.ingressCause = 'The certificate has expired'
      it.pass(10)
      expect(it.recording.attention).toMatchObject([
        { since, message: expect.stringContaining('silence restarts nothing. The certificate has expired') },
      ])
      expect(it.timeline.filter(({ code }) => code === 'attention.raised')).toHaveLength(1)
    })

    test('also for a page that never contacted the reporter', () => {
      expect(codes(silentInOutage(track().acquired().started().confirmed()))).toEqual([
        'reports_not_received',
      ])
    })

    test('not for a page that reports', () => {
      const it = rolling().checksFail('#board')
      it.ingressSuspect = true
      expect(codes(it.pass(60, { page: 'reports' }))).toEqual([])
    })

    test('until the page reports, although the outage lasts', () => {
      expect(codes(silentInOutage().heartbeat())).toEqual([])
    })

    test('until a canary reports', () => {
      const it = silentInOutage(rollingWithOverlap()).signal({ type: 'canary' }).acquired().started()
      expect(codes(it)).toEqual(['reports_not_received'])
      expect(codes(it.hello())).toEqual([])
      expect(codes(it.pass(20))).toEqual([])
    })

    test('until the outage is over', () => {
      const it = silentInOutage()
      it.ingressSuspect = false
      expect(codes(it.pass(10))).toEqual([])
    })

    test('until the recording is stopped', () => {
      expect(codes(silentInOutage().stop())).toEqual([])
    })
  })
})
