import { describe, expect, test } from 'vitest'
import { attemptForUnknownSession } from './notification.ts'
import type { QueryAnswer } from './signal.ts'
import {
  rollingWithReplace as rolling,
  type TrackedRecording,
  trackWithReplace as track,
} from './testing/trackedRecording.ts'

/** Attempt 1 is superseded after 37 s because of its silent page: its stop and the start of attempt 2 are in flight. */
const superseded = (): TrackedRecording => rolling().dueAfter(30).answers(5)

describe('a superseded attempt', () => {
  test('is stopped while the next attempt starts under a uid of its own', () => {
    const it = superseded()
    expect(it.effectNames).toEqual(['stop 1', 'start 2'])
    expect(it.attempt(1)).toMatchObject({ uid: '900001', state: 'superseded', endedAt: null })
    expect(it.attempt(2)).toMatchObject({ uid: '900002', state: 'starting', sid: null, resourceId: null })
  })

  test('ends when Agora confirms the stop, and keeps the reason for its failure', () => {
    const it = superseded().stopAnswers('stopped', 1)
    expect(it.codes).toEqual(['attempt.ended'])
    expect(it.attempt(1)).toMatchObject({ state: 'ended', endReason: { code: 'page_silent' } })
    expect(it.attempt(1).endedAt).not.toBeNull()
    expect(it.deadlines).toEqual({})
  })

  test('retries a stop answered 404 after 5, 10, 15 s and so on, and ends after failoverWindow', () => {
    const it = superseded().pass(89.9, { stops: 'notFound' })
    expect(it.timesOf('stop', 1)).toEqual([37, 42, 52, 67, 82, 97, 112])
    expect(it.deadlines.stopBy).toBe(127)
    expect(it.attempt(1).state).toBe('superseded')
    it.pass(0.1, { stops: 'notFound' })
    expect(it.attempt(1).state).toBe('ended')
    expect(it.timeline.at(-1)?.message).toContain('no longer finds it: 8 stops in 90 s were answered 404')
  })

  test('counts 404s anew after a downtime, which may be a clock that stepped forward', () => {
    const it = superseded().pass(30, { stops: 'notFound' }).resumedAfterDowntime(600)
    it.pass(60, { stops: 'notFound' })
    expect(it.attempt(1).state).toBe('superseded')
    it.pass(40, { stops: 'notFound' })
    expect(it.attempt(1).state).toBe('ended')
  })

  test('is stopped when its task reappears after a failover', () => {
    const it = superseded().pass(80, { stops: 'notFound' }).pass(20, { stops: 'stopped' })
    expect(it.timesOf('stop', 1).at(-1)).toBe(127)
    expect(it.attempt(1).state).toBe('ended')
    expect(it.timeline.at(-1)?.message).toBe('Agora confirms the stop')
  })

  test('retries an unconfirmed stop after 5, 10, 15, 30 s, then every minute until Agora confirms it', () => {
    const it = superseded().pass(240, { stops: 'unknown' })
    expect(it.timesOf('stop', 1)).toEqual([37, 42, 52, 67, 97, 157, 217, 277])
    expect(it.timeline.filter(({ code }) => code === 'attempt.stop_unconfirmed')).toHaveLength(1)
    it.pass(60, { stops: 'stopped' })
    expect(it.attempt(1).state).toBe('ended')
  })

  test('ignores the answer to a stop once it has ended', () => {
    const it = superseded().notification(71, { code: 0, attempt: 1 })
    const before = it.recording
    expect(it.stopAnswers('unknown', 1).recording).toEqual(before)
  })

  test('records one report of its page', () => {
    const it = track().acquired().started().hello().restart().loaded({ attempt: 1 })
    expect(it.codes).toEqual(['page.superseded'])
    for (const type of ['hello', 'loaded'] as const) expect(it.report(type, { attempt: 1 }).codes).toEqual([])
  })

  test('retries its stop while later attempts start and fail', () => {
    const it = superseded().started().notification(71, { code: 6 }).pass(600, { stops: 'unknown' })
    expect(it.attempt(1).stop).not.toBeNull()
    expect(it.deadlines.stopBy).toBeDefined()
  })

  test('does not count the reports of its page, but records them', () => {
    const it = superseded().started().hello()
    const { deadlines } = it
    const successor = it.attempt(2)
    it.loaded({ attempt: 1 })
    expect(it.codes).toEqual(['page.superseded'])
    it.hello({ attempt: 1, page: 'late' })
    expect(it.codes).toEqual(['page.superseded'])
    it.heartbeat({ attempt: 1 })
    expect(it.codes).toEqual([])
    expect(it.attempt(2)).toEqual(successor)
    expect(it.deadlines).toEqual(deadlines)
  })

  test('records a repeated report once, and only a few documents, because many may know the page’s URL', () => {
    const it = superseded().started()
    it.report('loaded', { attempt: 1, seq: 50 })
    const before = it.recording
    for (const type of ['hello', 'loaded'] as const) it.report(type, { attempt: 1, seq: 50 })
    expect(it.recording).toEqual(before)
    let entries = 0
    for (let document = 1; document <= 100; document++) {
      entries += it.hello({ attempt: 1, page: `page${document}` }).codes.length
    }
    expect(entries).toBeLessThan(10)
  })

  test('ignores the answer to a query that was sent before it was superseded', () => {
    const it = rolling().dueAfter(30).notification(73).checksFail('#board').dueAfter(60)
    expect(it.reasons[0]).toBe('page_unhealthy')
    const before = it.recording
    it.answers(20, 1)
    expect(it.recording.attempts[1]).toEqual(before.attempts[1])
    expect(it.effects).toEqual([])
  })
})

describe('a start whose answer is lost', () => {
  test('gets its sid from a notification within 30 s', () => {
    const it = track().acquired().wait(20).startUnknown()
    expect(it.codes).toEqual(['attempt.unknown'])
    expect(it.deadlines).toEqual({ confirmBy: 50 })
    it.wait(29).notification(40)
    expect(it.attempt(1)).toMatchObject({ state: 'current', sid: 'sid1' })
    expect(it.deadlines).toEqual({ confirmBy: 49 + 90, queryAt: 49 + 5, loadBy: 49 + 75 })
    it.confirmed()
    expect(it.recording.attempts).toHaveLength(1)
  })

  test('changes nothing if a notification has already brought the sid', () => {
    const it = track().acquired().notification(70)
    const before = it.recording
    expect(it.startUnknown().recording).toEqual(before)
  })

  test('keeps the resource id that the start was sent with, not the one that was acquired last', () => {
    const it = track().acquired('first').acquired('second')
    it.signal({
      type: 'startUnknown',
      attempt: 1,
      resourceId: 'first',
      message: 'lost',
      evidence: {},
    }).notification(70)
    expect(it.attempt(1)).toMatchObject({ sid: 'sid1', resourceId: 'first', otherResourceIds: ['second'] })
    const notificationFirst = track().acquired('first').acquired('second').notification(70)
    notificationFirst.signal({ type: 'started', attempt: 1, resourceId: 'first', sid: 'sid1' })
    expect(notificationFirst.attempt(1)).toMatchObject({
      sid: 'sid1',
      resourceId: 'first',
      otherResourceIds: [],
    })
  })

  const orphaned = () => track().acquired().startUnknown().dueAfter(30)

  test('is orphaned after 30 s without a notification, and the next attempt starts', () => {
    const it = orphaned()
    expect(it.attempt(1)).toMatchObject({ state: 'orphaned', endReason: { code: 'start_failed' } })
    expect(it.effectNames).toEqual(['start 2'])
    expect(it.recording.failures).toHaveLength(1)
  })

  test('is not orphaned before 30 s have passed', () => {
    const it = track().acquired().startUnknown().dueAfter(29.9)
    expect(it.attempt(1).state).toBe('starting')
  })

  test('has a timeline entry that says how long the orphan may run', () => {
    const it = orphaned()
    const until = it.attempt(1).mayRunUntil
    expect(until).toBe(it.attempt(1).createdAt + 30_000 + 3 * 3_600_000)
    const entry = it.timeline.find(({ code }) => code === 'attempt.orphaned')
    expect(entry).toMatchObject({ attempt: 1, evidence: { uid: '900001', mayRunUntil: until } })
    expect(entry?.message).toContain('ends it at 2027-01-15 11:00:30 UTC at the latest')
    expect(it.started(2).notification(70, { attempt: 1 }).attempt(1).mayRunUntil).toBeNull()
  })

  test('is stopped when a notification brings the orphan’s sid, and the next attempt goes on', () => {
    const it = orphaned().started()
    const successor = it.attempt(2)
    it.notification(70, { attempt: 1 })
    expect(it.effectNames).toEqual(['stop 1'])
    expect(it.attempt(1)).toMatchObject({ state: 'superseded', sid: 'sid1' })
    expect(it.attempt(2)).toEqual(successor)
    it.stopAnswers('stopped', 1)
    expect(it.attempt(1)).toMatchObject({ state: 'ended', endReason: { code: 'start_failed' } })
  })

  test('owns a session with an unknown uid once it is orphaned, because a failover changes the uid', () => {
    const it = orphaned().started()
    const orphan = attemptForUnknownSession(it.recording, '1900001')
    expect(orphan?.number).toBe(1)
    expect(attemptForUnknownSession(it.recording, '900001')).toBeUndefined()
    expect(attemptForUnknownSession(it.recording, '900002')).toBeUndefined()
    const successor = it.attempt(2)
    it.notification(12, { attempt: 1, uid: '1900001', newUid: '1900002' })
    expect(it.effectNames).toEqual(['stop 1'])
    expect(it.attempt(1)).toMatchObject({ state: 'superseded', sid: 'sid1', otherResourceIds: [] })
    expect(it.attempt(2)).toEqual(successor)
    expect(attemptForUnknownSession(it.recording, '1900001')).toBeUndefined()
  })

  test('owns an unknown session if it is the newest of several orphans, and tries the resource ids of all', () => {
    const it = orphaned().dueAfter(5).acquired('second').acquired('third').startUnknown().dueAfter(30)
    expect(it.recording.attempts.map(({ state }) => state)).toEqual(['orphaned', 'orphaned'])
    expect(attemptForUnknownSession(it.recording, '1900001')?.number).toBe(2)
    it.notification(73, { attempt: 2, uid: '1900001', sid: 'sid1' })
    expect(it.attempt(2)).toMatchObject({ state: 'superseded', sid: 'sid1', resourceId: 'third' })
    expect(it.attempt(2).otherResourceIds).toEqual(['second', 'resource1'])
    expect(attemptForUnknownSession(it.recording, '1900002')?.number).toBe(1)
  })

  test('does not own an unknown session unless it is orphaned', () => {
    expect(attemptForUnknownSession(track().acquired().recording, '1900001')).toBeUndefined()
    expect(attemptForUnknownSession(track().acquired().startUnknown().recording, '1900001')).toBeUndefined()
    expect(
      attemptForUnknownSession(track().acquired().startFailed('failed').recording, '1900001'),
    ).toBeUndefined()
    expect(attemptForUnknownSession(track().acquired().started().recording, '1900001')).toBeUndefined()
  })

  test('does not count reports of the orphan’s page for the next attempt', () => {
    const it = orphaned().started().hello({ attempt: 1 })
    expect(it.codes).toEqual(['page.superseded'])
    expect(it.attempt(2).page).toBeNull()
  })

  test('is orphaned even if its page reports, because a page does not identify its task', () => {
    const it = track().acquired().startUnknown().hello().loaded()
    expect(it.state).toBe('starting')
    expect(it.deadlines).toEqual({ confirmBy: 30 })
    it.dueAfter(30)
    expect(it.attempt(1).state).toBe('orphaned')
  })

  describe('that was sent with two resource ids, and whose first task ends', () => {
    const orphanWithTwoResources = () =>
      track().acquired('first').acquired('second').startUnknown().dueAfter(30).started(2)
    const firstTaskEnded = () => orphanWithTwoResources().notification(71, { attempt: 1, code: 6 })

    test('stays orphaned until its latest possible end, because the second start may have succeeded', () => {
      const it = orphanWithTwoResources()
      const successor = it.attempt(2)
      it.notification(71, { attempt: 1, code: 6 })
      expect(it.codes).toEqual(['attempt.started', 'attempt.ended', 'attempt.orphaned'])
      expect(it.attempt(1)).toMatchObject({ state: 'orphaned', sid: null, earlierSids: ['sid1'], stop: null })
      expect(it.attempt(1).mayRunUntil).not.toBeNull()
      expect(it.attempt(2)).toEqual(successor)
    })

    test('ignores late notifications about the first task', () => {
      const it = firstTaskEnded()
      const { recording } = it
      expect(it.notification(11, { attempt: 1, code: 0 }).recording).toEqual(recording)
    })

    test('is stopped when a notification reveals the second task, and then ends', () => {
      const it = firstTaskEnded().notification(70, { attempt: 1, sid: 'later' })
      expect(it.effectNames).toContain('stop 1')
      expect(it.attempt(1)).toMatchObject({ state: 'superseded', sid: 'later', mayRunUntil: null })
      const evidence = { sid: 'later' }
      it.signal({ type: 'stopAnswered', attempt: 1, outcome: 'stopped', resourceId: 'second', evidence })
      expect(it.attempt(1)).toMatchObject({ state: 'ended', sid: 'later', resourceId: 'second' })
    })

    test('stops the second task after the first if it is revealed while the first is being stopped', () => {
      const it = orphanWithTwoResources().notification(11, { attempt: 1, code: 0 })
      expect(it.attempt(1)).toMatchObject({ state: 'superseded', sid: 'sid1' })
      expect(attemptForUnknownSession(it.recording, '900001')?.number).toBe(1)
      it.notification(70, { attempt: 1, sid: 'later' })
      expect(it.codes).toEqual(['attempt.sid_conflict'])
      const { recording } = it
      expect(it.notification(70, { attempt: 1, sid: 'later' }).recording).toEqual(recording)
      it.notification(71, { attempt: 1, code: 6 })
      expect(it.effectNames).toContain('stop 1')
      expect(it.attempt(1)).toMatchObject({
        state: 'superseded',
        sid: 'later',
        earlierSids: ['sid1'],
        otherSids: [],
      })
    })

    test('does not take a confirmed stop of the first task for the end of the second', () => {
      const it = orphanWithTwoResources()
        .notification(11, { attempt: 1, code: 0 })
        .notification(70, { attempt: 1, sid: 'later' })
      const { recording } = it.notification(71, { attempt: 1, code: 6 })
      const answer = { type: 'stopAnswered', attempt: 1, outcome: 'stopped' } as const
      it.signal({ ...answer, sid: 'sid1', resourceId: 'first', evidence: {} })
      expect(it.recording).toEqual(recording)
      it.signal({ ...answer, sid: 'later', resourceId: 'second', evidence: {} })
      expect(it.attempt(1).state).toBe('ended')
    })

    test('is orphaned even if it was live, and the next attempt starts', () => {
      const it = track().acquired('first').acquired('second').notification(70).notification(71, { code: 6 })
      expect(it.attempt(1)).toMatchObject({ state: 'orphaned', endReason: { code: 'stopped_by_agora' } })
      expect(it.dueAfter(5).attempt(2)).toMatchObject({ state: 'starting' })
    })

    test.each([7, 8, 20])(
      'may have a second task even if Agora reports how the first one ended (status %i)',
      (status) => {
        const it = track().acquired('first').acquired('second').notification(70)
        it.signal({
          type: 'queried',
          attempt: 1,
          resourceId: 'first',
          answer: { kind: 'status', status, files: [] },
        })
        it.notification(71, { attempt: 1, code: 6 })
        expect(it.attempt(1)).toMatchObject({
          state: 'orphaned',
          resourceId: 'first',
          otherResourceIds: ['second'],
        })
      },
    )

    test('has no second task if Agora confirmed the first one', () => {
      const answer: QueryAnswer = { kind: 'status', status: 5, files: [] }
      const it = track().acquired('first').acquired('second').notification(70)
      it.signal({ type: 'queried', attempt: 1, resourceId: 'first', answer }).notification(71, { code: 6 })
      expect(it.attempt(1)).toMatchObject({ state: 'ended', sid: 'sid1', earlierSids: [] })
    })
  })

  test('records a second task, and stops it once the known one has ended', () => {
    const it = track().acquired('first').acquired('second').notification(70)
    const before = it.recording
    it.signal({ type: 'started', attempt: 1, resourceId: 'second', sid: 'later' })
    expect(it.codes).toEqual(['attempt.sid_conflict'])
    const [attempt] = before.attempts
    const { repeats } = it.attempt(1)
    expect(it.recording).toEqual({ ...before, attempts: [{ ...attempt, otherSids: ['later'], repeats }] })
    it.notification(71, { code: 6 })
    expect(it.attempt(1)).toMatchObject({ state: 'superseded', sid: 'later' })
    expect(it.effectNames).toContain('stop 1')
  })

  test('changes nothing if Agora has confirmed the task of an earlier start', () => {
    const it = track().acquired('first').acquired('second').notification(70)
    it.signal({
      type: 'queried',
      attempt: 1,
      resourceId: 'first',
      answer: { kind: 'status', status: 5, files: [] },
    })
    const { recording } = it
    it.signal({ type: 'startUnknown', attempt: 1, resourceId: 'second', message: 'lost', evidence: {} })
    expect(it.recording).toEqual(recording)
  })

  // A restart supersedes attempt 1 while its start is in flight; the outcome arrives when attempt 2 records.
  const restartedDuringStart = () => track().acquired().restart().acquired().started().confirmed()

  test.each([
    ['the task runs', (it: TrackedRecording) => it.started(1), 'superseded', ['stop 1']],
    ['the answer is lost', (it: TrackedRecording) => it.startUnknown(1), 'orphaned', []],
    ['the start was not sent', (it: TrackedRecording) => it.startFailed('cancelled', 1), 'ended', []],
    ['the start failed', (it: TrackedRecording) => it.startFailed('failed', 1), 'ended', []],
    ['the start can never succeed', (it: TrackedRecording) => it.startFailed('permanent', 1), 'ended', []],
  ] as const)(
    'accepts an outcome after the next attempt has started: %s',
    (_, outcome, state, effectNames) => {
      const it = restartedDuringStart()
      const { deadlines } = it.recording
      outcome(it)
      expect(it.attempt(1)).toMatchObject({ state, endReason: { code: 'restarted' } })
      expect(it.effectNames).toEqual(effectNames)
      expect(it.recording.deadlines).toEqual(deadlines)
      expect(it.live?.number).toBe(2)
      expect(it.codes).not.toEqual([])
    },
  )

  test('is stopped if it seemed to have failed, but runs after all', () => {
    const it = track().acquired().startFailed('failed').notification(70, { attempt: 1 })
    expect(it.effectNames).toEqual(['stop 1'])
    expect(it.attempt(1)).toMatchObject({ state: 'superseded', endedAt: null })
    expect(it.live?.number).toBe(2)
  })
})

describe('a sid that becomes known', () => {
  test('keeps the resource id that was acquired before it', () => {
    const it = track().acquired('first').notification(70).acquired('second')
    expect(it.attempt(1).resourceId).toBe('first')
  })

  test('starts the deadlines of a page that reported before', () => {
    const it = track().acquired().hello().loaded().checksFail('#board').pass(100)
    expect(it.state).toBe('starting')
    expect(it.deadlines).toEqual({})
    it.started()
    expect(it.state).toBe('unhealthy')
    expect(it.deadlines).toEqual({ confirmBy: 190, queryAt: 105, beatBy: 130, healthyBy: 120 })
  })
})
