import { describe, expect, test } from 'vitest'
import { attemptForUnknownSession } from './notification.ts'
import type { QueryAnswer } from './signal.ts'
import { rolling, type TrackedRecording, track } from './testing/trackedRecording.ts'

/** Attempt 1 fell silent after 37 s, attempt 2 is being started, and the stop of attempt 1 is under way. */
const handedOver = (): TrackedRecording => rolling().dueAfter(30).answers(5)

describe('hand-over', () => {
  test('the next attempt has a uid of its own, and begins while the old one is told to stop', () => {
    const it = handedOver()
    expect(it.effectNames).toEqual(['stop 1', 'start 2'])
    expect(it.attempt(1)).toMatchObject({ uid: '900001', state: 'superseded', endedAt: null })
    expect(it.attempt(2)).toMatchObject({ uid: '900002', state: 'starting', sid: null, resourceId: null })
  })

  test('Agora confirms the stop: ended, with the reason that it failed for', () => {
    const it = handedOver().stopAnswers('stopped', 1)
    expect(it.codes).toEqual(['attempt.ended'])
    expect(it.attempt(1)).toMatchObject({ state: 'ended', endReason: { code: 'page_silent' } })
    expect(it.attempt(1).endedAt).not.toBeNull()
    expect(it.deadlines).toEqual({})
  })

  test('404 may be a failover: asked after 5, 10, 15 s and on, and believed after failoverWindow', () => {
    const it = handedOver().pass(89.9, { stops: 'notFound' })
    expect(it.timesOf('stop', 1)).toEqual([37, 42, 52, 67, 82, 97, 112])
    expect(it.deadlines.stopBy).toBe(127)
    expect(it.attempt(1).state).toBe('superseded')
    it.pass(0.1, { stops: 'notFound' })
    expect(it.attempt(1).state).toBe('ended')
    expect(it.timeline.at(-1)?.message).toContain('no longer finds it: 8 stops in 90 s were answered 404')
  })

  test('a task that was failing over comes back, and is stopped', () => {
    const it = handedOver().pass(80, { stops: 'notFound' }).pass(20, { stops: 'stopped' })
    expect(it.timesOf('stop', 1).at(-1)).toBe(127)
    expect(it.attempt(1).state).toBe('ended')
    expect(it.timeline.at(-1)?.message).toBe('Agora confirms the stop')
  })

  test('no clear answer: again after 5, 10, 15, 30 s, then every minute until there is one', () => {
    const it = handedOver().pass(240, { stops: 'unknown' })
    expect(it.timesOf('stop', 1)).toEqual([37, 42, 52, 67, 97, 157, 217, 277])
    expect(it.timeline.filter(({ code }) => code === 'attempt.stop_unconfirmed')).toHaveLength(1)
    it.pass(60, { stops: 'stopped' })
    expect(it.attempt(1).state).toBe('ended')
  })

  test('an answer that comes after the end changes nothing', () => {
    const it = handedOver().notified(71, { code: 0, attempt: 1 })
    const before = it.recording
    expect(it.stopAnswers('unknown', 1).recording).toEqual(before)
  })

  test('the old one is stopped on while the next ones come and go', () => {
    const it = handedOver().started().notified(71, { code: 6 }).pass(600, { stops: 'unknown' })
    expect(it.attempt(1).stop).not.toBeNull()
    expect(it.deadlines.stopBy).toBeDefined()
  })

  test('its page is told, and does not count', () => {
    const it = handedOver().started().hello()
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

  test('its page is told of once for each report, and of a few documents: its URL may be known to many', () => {
    const it = handedOver().started()
    it.report('loaded', { attempt: 1, seq: 50 })
    const before = it.recording
    for (const type of ['hello', 'loaded'] as const) it.report(type, { attempt: 1, seq: 50 })
    expect(it.recording).toEqual(before)
    let lines = 0
    for (let document = 1; document <= 100; document++) {
      lines += it.hello({ attempt: 1, page: `page${document}` }).codes.length
    }
    expect(lines).toBeLessThan(10)
  })

  test('an answer to a query of the old one does not count', () => {
    const it = rolling().dueAfter(30).notified(73).fails('#board').dueAfter(60)
    expect(it.reasons[0]).toBe('page_unhealthy')
    const before = it.recording
    it.answers(20, 1)
    expect(it.recording.attempts[1]).toEqual(before.attempts[1])
    expect(it.effects).toEqual([])
  })
})

describe('the answer to start is lost', () => {
  test('a notification brings the sid within 30 s', () => {
    const it = track().acquired().wait(20).startUnknown()
    expect(it.codes).toEqual(['attempt.unknown'])
    expect(it.deadlines).toEqual({ confirmBy: 50 })
    it.wait(29).notified(40)
    expect(it.attempt(1)).toMatchObject({ state: 'current', sid: 'sid1' })
    expect(it.deadlines).toEqual({ confirmBy: 49 + 90, queryAt: 49 + 5, loadBy: 49 + 75 })
    it.confirmed()
    expect(it.recording.attempts).toHaveLength(1)
  })

  test('the notification was faster than the loss', () => {
    const it = track().acquired().notified(70)
    const before = it.recording
    expect(it.startUnknown().recording).toEqual(before)
  })

  test('the resource that runs is kept, not the one that was acquired last', () => {
    const it = track().acquired('first').acquired('second')
    it.signal({
      type: 'startUnknown',
      attempt: 1,
      resourceId: 'first',
      message: 'lost',
      evidence: {},
    }).notified(70)
    expect(it.attempt(1)).toMatchObject({ sid: 'sid1', resourceId: 'first', otherResourceIds: ['second'] })
    const faster = track().acquired('first').acquired('second').notified(70)
    faster.signal({ type: 'started', attempt: 1, resourceId: 'first', sid: 'sid1' })
    expect(faster.attempt(1)).toMatchObject({ sid: 'sid1', resourceId: 'first', otherResourceIds: [] })
  })

  const orphaned = () => track().acquired().startUnknown().dueAfter(30)

  test('no notification in 30 s: orphaned, and the next attempt is made', () => {
    const it = orphaned()
    expect(it.attempt(1)).toMatchObject({ state: 'orphaned', endReason: { code: 'start_failed' } })
    expect(it.effectNames).toEqual(['start 2'])
    expect(it.recording.failures).toHaveLength(1)
  })

  test('not while 30 s are not over', () => {
    const it = track().acquired().startUnknown().dueAfter(29.9)
    expect(it.attempt(1).state).toBe('starting')
  })

  test('the timeline says until when it may run', () => {
    const it = orphaned()
    const until = it.attempt(1).mayRunUntil
    expect(until).toBe(it.attempt(1).createdAt + 30_000 + 3 * 3_600_000)
    const line = it.timeline.find(({ code }) => code === 'attempt.orphaned')
    expect(line).toMatchObject({ attempt: 1, evidence: { uid: '900001', mayRunUntil: until } })
    expect(line?.message).toContain('ends it at 2027-01-15 11:00:30 UTC at the latest')
    expect(it.started(2).notified(70, { attempt: 1 }).attempt(1).mayRunUntil).toBeNull()
  })

  test('a notification brings the orphan’s sid: it is stopped, the next attempt goes on', () => {
    const it = orphaned().started()
    const successor = it.attempt(2)
    it.notified(70, { attempt: 1 })
    expect(it.effectNames).toEqual(['stop 1'])
    expect(it.attempt(1)).toMatchObject({ state: 'superseded', sid: 'sid1' })
    expect(it.attempt(2)).toEqual(successor)
    it.stopAnswers('stopped', 1)
    expect(it.attempt(1)).toMatchObject({ state: 'ended', endReason: { code: 'start_failed' } })
  })

  test('a session under a uid that nobody knows is the orphan’s: a failover gave it that uid', () => {
    const it = orphaned().started()
    const orphan = attemptForUnknownSession(it.recording, '1900001')
    expect(orphan?.number).toBe(1)
    expect(attemptForUnknownSession(it.recording, '900001')).toBeUndefined()
    expect(attemptForUnknownSession(it.recording, '900002')).toBeUndefined()
    const successor = it.attempt(2)
    it.notified(12, { attempt: 1, uid: '1900001', newUid: '1900002' })
    expect(it.effectNames).toEqual(['stop 1'])
    expect(it.attempt(1)).toMatchObject({ state: 'superseded', sid: 'sid1', otherResourceIds: [] })
    expect(it.attempt(2)).toEqual(successor)
    expect(attemptForUnknownSession(it.recording, '1900001')).toBeUndefined()
  })

  test('which of several orphans it is, nobody knows: it is looked for by the resources of all', () => {
    const it = orphaned().dueAfter(5).acquired('second').acquired('third').startUnknown().dueAfter(30)
    expect(it.recording.attempts.map(({ state }) => state)).toEqual(['orphaned', 'orphaned'])
    expect(attemptForUnknownSession(it.recording, '1900001')?.number).toBe(2)
    it.notified(73, { attempt: 2, uid: '1900001', sid: 'sid1' })
    expect(it.attempt(2)).toMatchObject({ state: 'superseded', sid: 'sid1', resourceId: 'third' })
    expect(it.attempt(2).otherResourceIds).toEqual(['second', 'resource1'])
    expect(attemptForUnknownSession(it.recording, '1900002')?.number).toBe(1)
  })

  test('no other attempt is taken for it', () => {
    expect(attemptForUnknownSession(track().acquired().recording, '1900001')).toBeUndefined()
    expect(attemptForUnknownSession(track().acquired().startUnknown().recording, '1900001')).toBeUndefined()
    expect(
      attemptForUnknownSession(track().acquired().startFailed('failed').recording, '1900001'),
    ).toBeUndefined()
    expect(attemptForUnknownSession(track().acquired().started().recording, '1900001')).toBeUndefined()
  })

  test('the orphan’s page is heard first: it does not count', () => {
    const it = orphaned().started().hello({ attempt: 1 })
    expect(it.codes).toEqual(['page.superseded'])
    expect(it.attempt(2).page).toBeNull()
  })

  test('a page that is faster than the sid does not prove which task it is in', () => {
    const it = track().acquired().startUnknown().hello().loaded()
    expect(it.state).toBe('starting')
    expect(it.deadlines).toEqual({ confirmBy: 30 })
    it.dueAfter(30)
    expect(it.attempt(1).state).toBe('orphaned')
  })

  describe('its start was sent with two resources, and the task of the first one had ended before the second', () => {
    const lost = () => track().acquired('first').acquired('second').startUnknown().dueAfter(30).started(2)
    const ended = () => lost().notified(71, { attempt: 1, code: 6 })

    test('the second may have gone through: the attempt stays an orphan, with its latest end', () => {
      const it = lost()
      const successor = it.attempt(2)
      it.notified(71, { attempt: 1, code: 6 })
      expect(it.codes).toEqual(['attempt.started', 'attempt.ended', 'attempt.orphaned'])
      expect(it.attempt(1)).toMatchObject({ state: 'orphaned', sid: null, earlierSids: ['sid1'], stop: null })
      expect(it.attempt(1).mayRunUntil).not.toBeNull()
      expect(it.attempt(2)).toEqual(successor)
    })

    test('what comes late of the first changes nothing', () => {
      const it = ended()
      const { recording } = it
      expect(it.notified(11, { attempt: 1, code: 0 }).recording).toEqual(recording)
    })

    test('the second is stopped when it is heard of, and then it is over', () => {
      const it = ended().notified(70, { attempt: 1, sid: 'later' })
      expect(it.effectNames).toContain('stop 1')
      expect(it.attempt(1)).toMatchObject({ state: 'superseded', sid: 'later', mayRunUntil: null })
      const evidence = { sid: 'later' }
      it.signal({ type: 'stopAnswered', attempt: 1, outcome: 'stopped', resourceId: 'second', evidence })
      expect(it.attempt(1)).toMatchObject({ state: 'ended', sid: 'later', resourceId: 'second' })
    })

    test('the second is heard of while the first is being stopped: it is stopped after it', () => {
      const it = lost().notified(11, { attempt: 1, code: 0 })
      expect(it.attempt(1)).toMatchObject({ state: 'superseded', sid: 'sid1' })
      expect(attemptForUnknownSession(it.recording, '900001')?.number).toBe(1)
      it.notified(70, { attempt: 1, sid: 'later' })
      expect(it.codes).toEqual(['attempt.sid_conflict'])
      const { recording } = it
      expect(it.notified(70, { attempt: 1, sid: 'later' }).recording).toEqual(recording)
      it.notified(71, { attempt: 1, code: 6 })
      expect(it.effectNames).toContain('stop 1')
      expect(it.attempt(1)).toMatchObject({
        state: 'superseded',
        sid: 'later',
        earlierSids: ['sid1'],
        otherSids: [],
      })
    })

    test('the answer to the stop of the first one says nothing of the second', () => {
      const it = lost().notified(11, { attempt: 1, code: 0 }).notified(70, { attempt: 1, sid: 'later' })
      const { recording } = it.notified(71, { attempt: 1, code: 6 })
      const answer = { type: 'stopAnswered', attempt: 1, outcome: 'stopped' } as const
      it.signal({ ...answer, sid: 'sid1', resourceId: 'first', evidence: {} })
      expect(it.recording).toEqual(recording)
      it.signal({ ...answer, sid: 'later', resourceId: 'second', evidence: {} })
      expect(it.attempt(1).state).toBe('ended')
    })

    test('a live attempt whose task ends leaves such an orphan too, and the next one is made', () => {
      const it = track().acquired('first').acquired('second').notified(70).notified(71, { code: 6 })
      expect(it.attempt(1)).toMatchObject({ state: 'orphaned', endReason: { code: 'stopped_by_agora' } })
      expect(it.dueAfter(5).attempt(2)).toMatchObject({ state: 'starting' })
    })

    test.each([7, 8, 20])(
      'that Agora knows how it ended (status %i) does not make it the only one',
      (status) => {
        const it = track().acquired('first').acquired('second').notified(70)
        it.signal({
          type: 'queried',
          attempt: 1,
          resourceId: 'first',
          answer: { kind: 'status', status, files: [] },
        })
        it.notified(71, { attempt: 1, code: 6 })
        expect(it.attempt(1)).toMatchObject({
          state: 'orphaned',
          resourceId: 'first',
          otherResourceIds: ['second'],
        })
      },
    )

    test('a task that Agora has confirmed was the only one', () => {
      const answer: QueryAnswer = { kind: 'status', status: 5, files: [] }
      const it = track().acquired('first').acquired('second').notified(70)
      it.signal({ type: 'queried', attempt: 1, resourceId: 'first', answer }).notified(71, { code: 6 })
      expect(it.attempt(1)).toMatchObject({ state: 'ended', sid: 'sid1', earlierSids: [] })
    })
  })

  test('a task that a later start made beside a known one is told, and stopped when that one has ended', () => {
    const it = track().acquired('first').acquired('second').notified(70)
    const before = it.recording
    it.signal({ type: 'started', attempt: 1, resourceId: 'second', sid: 'later' })
    expect(it.codes).toEqual(['attempt.sid_conflict'])
    const [attempt] = before.attempts
    expect(it.recording).toEqual({ ...before, attempts: [{ ...attempt, otherSids: ['later'] }] })
    it.notified(71, { code: 6 })
    expect(it.attempt(1)).toMatchObject({ state: 'superseded', sid: 'later' })
    expect(it.effectNames).toContain('stop 1')
  })

  test('a start whose answer was lost says nothing new of a task that is known', () => {
    const it = track().acquired('first').acquired('second').notified(70)
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

  // A restart takes over while the start of attempt 1 is under way; its outcome comes when attempt 2 records.
  const overtaken = () => track().acquired().restart().acquired().started().confirmed()

  test.each([
    ['it runs', (it: TrackedRecording) => it.started(1), 'superseded', ['stop 1']],
    ['nobody knows', (it: TrackedRecording) => it.startUnknown(1), 'orphaned', []],
    ['it was not sent', (it: TrackedRecording) => it.startFailed('cancelled', 1), 'ended', []],
    ['it failed', (it: TrackedRecording) => it.startFailed('failed', 1), 'ended', []],
    ['it would always fail', (it: TrackedRecording) => it.startFailed('permanent', 1), 'ended', []],
  ] as const)('the outcome comes after the next attempt has taken over: %s', (_, outcome, state, wanted) => {
    const it = overtaken()
    const { deadlines } = it.recording
    outcome(it)
    expect(it.attempt(1)).toMatchObject({ state, endReason: { code: 'restarted' } })
    expect(it.effectNames).toEqual(wanted)
    expect(it.recording.deadlines).toEqual(deadlines)
    expect(it.live?.number).toBe(2)
    expect(it.codes).not.toEqual([])
  })

  test('a start that was believed to have failed runs after all: it is stopped', () => {
    const it = track().acquired().startFailed('failed').notified(70, { attempt: 1 })
    expect(it.effectNames).toEqual(['stop 1'])
    expect(it.attempt(1)).toMatchObject({ state: 'superseded', endedAt: null })
    expect(it.live?.number).toBe(2)
  })
})

describe('the sid', () => {
  test('the resource that start was sent with is kept once the sid is known', () => {
    const it = track().acquired('first').notified(70).acquired('second')
    expect(it.attempt(1).resourceId).toBe('first')
  })

  test('a page that was faster is watched from the moment the sid is known', () => {
    const it = track().acquired().hello().loaded().fails('#board').pass(100)
    expect(it.state).toBe('starting')
    expect(it.deadlines).toEqual({})
    it.started()
    expect(it.state).toBe('unhealthy')
    expect(it.deadlines).toEqual({ confirmBy: 190, queryAt: 105, beatBy: 130, healthyBy: 120 })
  })
})
