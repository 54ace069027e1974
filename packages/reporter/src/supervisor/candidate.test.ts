import { describe, expect, test } from 'vitest'
import { candidateAttempt, currentAttempt } from './attempts.ts'
import { rolling, type TrackedRecording, track } from './testing/trackedRecording.ts'

/** `maxRecordingHour` of the tracked recordings. */
const HOURS = 3

const roles = ({ recording }: TrackedRecording) => ({
  current: currentAttempt(recording)?.number,
  candidate: candidateAttempt(recording)?.number,
})

/** A rolling recording whose page has failed its checks for `unhealthyTimeout`. */
const failing = () => rolling().checksFail('#board').dueAfter(20)

/** The candidate's page, from its start to `loaded`. */
const candidateLoads = (it: TrackedRecording) => it.acquired().started().hello().loaded()

describe('soft evidence', () => {
  test('starts a candidate and leaves the current attempt recording', () => {
    const it = failing()
    expect(it.effectNames).toEqual(['start 2'])
    expect(it.codes).toEqual(['candidate.started', 'attempt.requested'])
    expect(roles(it)).toEqual({ current: 1, candidate: 2 })
    expect(it.recording).toMatchObject({ state: 'unhealthy', reason: { code: 'page_unhealthy' } })
    expect(it.attempt(1)).toMatchObject({ state: 'current', stop: null })
  })

  test('silence, once Agora confirms that it records, does the same', () => {
    const it = rolling().dueAfter(30).answers(5)
    expect(it.effectNames).toEqual(['start 2'])
    expect(roles(it)).toEqual({ current: 1, candidate: 2 })
  })

  test('is found once: further failed checks and silence start no second candidate', () => {
    const it = failing().acquired().started().pass(60)
    expect(it.recording.attempts).toHaveLength(2)
  })

  test('counts as one failure, whatever the candidate does', () => {
    const it = candidateLoads(failing())
    expect(it.recording.failures).toHaveLength(1)
  })
})

describe('the candidate’s page loads', () => {
  test('it becomes the current attempt, and only then the former one is stopped', () => {
    const it = failing().acquired().started()
    expect(it.timesOf('stop', 1)).toEqual([])
    it.hello().loaded()
    expect(it.codes).toContain('candidate.promoted')
    expect(it.effectNames).toEqual(['stop 1'])
    expect(roles(it)).toEqual({ current: 2, candidate: undefined })
    expect(it.recording).toMatchObject({ state: 'rolling', reason: null, replacing: null })
    expect(it.attempt(1)).toMatchObject({ state: 'superseded', endReason: { code: 'page_unhealthy' } })
  })

  test('before its sid is known: it takes over with the sid', () => {
    const it = failing().acquired().hello({ attempt: 2 }).loaded({ attempt: 2 })
    expect(roles(it)).toEqual({ current: 1, candidate: 2 })
    it.started(2)
    expect(roles(it)).toEqual({ current: 2, candidate: undefined })
  })
})

describe('the former page is healthy again first', () => {
  test('the candidate is stopped, and nothing of the recording is lost', () => {
    const it = failing().acquired().started().heartbeat({ attempt: 1, page: 'page1' })
    expect(it.codes).toContain('candidate.dropped')
    expect(it.effectNames).toEqual(['stop 2'])
    expect(roles(it)).toEqual({ current: 1, candidate: undefined })
    expect(it.recording).toMatchObject({ state: 'rolling', replacing: null })
  })

  test('after silence as well', () => {
    const it = rolling().dueAfter(30).answers(5).acquired().started()
    it.heartbeat({ attempt: 1, page: 'page1' })
    expect(it.effectNames).toEqual(['stop 2'])
    expect(it.state).toBe('rolling')
  })

  test('while the next candidate is waited for: none is started', () => {
    const it = failing().acquired().started().notification(71, { code: 6 })
    expect(it.recording.deadlines.retryAt).toBeDefined()
    it.heartbeat({ attempt: 1, page: 'page1' })
    expect(it.recording.deadlines.retryAt).toBeUndefined()
    expect(it.pass(100, { page: 'reports' }).recording.attempts).toHaveLength(2)
  })
})

describe('the candidate fails', () => {
  test('it does not load in time: it is stopped and counts, and the next one follows after a delay', () => {
    const it = failing().acquired().started().pass(85)
    expect(it.when('candidate.dropped', 2)).toBeDefined()
    expect(it.recording.failures).toHaveLength(2)
    expect(it.attempt(1).state).toBe('current')
    expect(it.attempt(3)).toMatchObject({ state: 'candidate' })
  })

  test('its task is stopped at Agora (event 71, code 0): the recording goes on with the current attempt', () => {
    const it = failing().acquired().started().notification(71, { code: 0, attempt: 2 })
    expect(it.recording.desired).toBe('running')
    expect(it.attempt(1).state).toBe('current')
    expect(it.attempt(2).state).toBe('ended')
  })

  test('Agora refuses its start for good: the current attempt is kept, and no other follows', () => {
    const it = failing().startFailed('permanent')
    expect(roles(it)).toEqual({ current: 1, candidate: undefined })
    expect(it.recording).toMatchObject({ state: 'unhealthy', gaveUp: { code: 'start_failed' } })
    expect(it.pass(4000, { page: 'reports' }).recording.attempts).toHaveLength(2)
  })

  test('Agora has no capacity for it: the current attempt is kept, and the start is sent again', () => {
    const it = failing().acquired().startFailed('busy')
    expect(roles(it)).toEqual({ current: 1, candidate: 2 })
    expect(it.pass(3, { page: 'reports' }).effectNames).toEqual(['start 2'])
  })

  test('its sid never arrives: it is orphaned, and the next one follows', () => {
    const it = failing().acquired().startUnknown().pass(35)
    expect(it.attempt(2).state).toBe('orphaned')
    expect(roles(it)).toEqual({ current: 1, candidate: 3 })
  })
})

describe('the current attempt ends while a candidate is loading', () => {
  test('the candidate takes over immediately, and no other attempt is made', () => {
    const it = failing().acquired().started().notification(71, { code: 6, attempt: 1 })
    expect(roles(it)).toEqual({ current: 2, candidate: undefined })
    expect(it.recording.failures).toHaveLength(1)
    expect(it.state).toBe('loading')
    expect(it.hello().loaded().state).toBe('rolling')
  })
})

describe('the current attempt ends while the candidate’s start is postponed', () => {
  test.each([
    ['at its hour limit', 1],
    ['by a failure', 6],
  ])('%s: the start is sent again immediately, because nothing is recorded', (_how, code) => {
    const it = failing().acquired().startFailed('busy')
    it.notification(71, { code, attempt: 1 })
    expect(roles(it)).toEqual({ current: 2, candidate: undefined })
    expect(it.effectNames).toEqual(['start 2'])
    expect(it.state).toBe('starting')
  })
})

describe('limits', () => {
  /** Three attempts that never load: the first restart is immediate, the second one delayed. */
  const threeFailures = (it: TrackedRecording) => {
    it.acquired().started().notification(71, { code: 5 })
    for (let n = 2; n <= 3; n += 1) it.pass(10).acquired().started().notification(71, { code: 5 })
    return it
  }

  test('slow the retries down instead of ending the recording', () => {
    const it = threeFailures(track())
    expect(it.recording).toMatchObject({ state: 'recovering', attention: [{ code: 'slow_retries' }] })
    expect(it.due - it.now).toBe(300)
    it.pass(300).acquired().started().notification(71, { code: 5 })
    expect(it.due - it.now).toBe(600)
    for (let n = 0; n < 4; n += 1)
      it.pass(it.due - it.now)
        .acquired()
        .started()
        .notification(71, { code: 5 })
    expect(it.due - it.now).toBe(1800)
    expect(it.codes).not.toContain('attention.raised')
  })

  /** The current attempt is kept, and its candidates never load: the second slow retry is waited for. */
  const waitingSlowly = (it: TrackedRecording) => {
    while (it.recording.slowRetries < 2) {
      if (it.newest.sid === null) it.acquired().started()
      it.pass(1)
      if (it.newest.state === 'candidate') it.notification(71, { code: 5 })
    }
    return it.pass(60)
  }

  test('wait no longer than the first delay when the kept attempt ends: nothing is recorded then', () => {
    const it = waitingSlowly(failing())
    expect((it.deadlines.retryAt ?? 0) - it.now).toBeGreaterThan(400)
    it.notification(71, { code: 6, attempt: 1 })
    expect(it.codes).toEqual(['attempt.failed', 'retry.scheduled'])
    expect((it.deadlines.retryAt ?? 0) - it.now).toBe(300)
    expect(it.pass(300).newest).toMatchObject({ state: 'starting', candidateFor: null })
  })

  test('a wait that ends earlier anyway goes on', () => {
    const it = waitingSlowly(failing()).pass(400)
    const { retryAt } = it.deadlines
    it.notification(71, { code: 6, attempt: 1 })
    expect(it.deadlines.retryAt).toBe(retryAt)
  })

  test('a good attempt makes the retries normal again', () => {
    const it = threeFailures(track()).pass(300).acquired().started().hello().loaded()
    expect(it.recording).toMatchObject({ state: 'rolling', attention: [], slowRetries: 0, neverLoaded: 0 })
    expect(it.codes).toContain('attention.cleared')
  })

  test('a restart that a user requests begins afresh immediately', () => {
    const it = threeFailures(track()).restart()
    expect(it.effectNames).toEqual(['start 4'])
    expect(it.recording).toMatchObject({ attention: [], failures: [], slowRetries: 0 })
  })

  test('final: true ends the recording', () => {
    expect(threeFailures(track({ restart: { final: true } })).state).toBe('failed')
  })
})

describe('roll-over', () => {
  const untilRollOver = (it: TrackedRecording) => it.pass(HOURS * 3600 - 120 - it.now, { page: 'reports' })

  test('a candidate starts before maxRecordingHour is over, and takes over without a gap', () => {
    const it = untilRollOver(rolling())
    expect(roles(it)).toEqual({ current: 1, candidate: 2 })
    expect(it.state).toBe('rolling')
    candidateLoads(it)
    expect(roles(it)).toEqual({ current: 2, candidate: undefined })
    expect(it.when('attempt.rolled_over', 1)).toBeDefined()
    expect(it.when('attempt.failed')).toBeUndefined()
    expect(it.recording.failures).toEqual([])
  })

  test('heartbeats of the healthy current page do not drop the candidate', () => {
    const it = untilRollOver(rolling()).acquired().started().pass(20, { page: 'reports' })
    it.heartbeat({ attempt: 1, page: 'page1' })
    expect(roles(it)).toEqual({ current: 1, candidate: 2 })
  })

  test('a page that does not report is rolled over when Agora ends it', () => {
    const it = track()
      .acquired()
      .started()
      .confirmed()
      .pass(HOURS * 3600 + 60)
    expect(it.when('attempt.rolled_over')).toBeUndefined()
    expect(it.recording.attempts.length).toBeGreaterThan(1)
  })

  test('a page without a probe is rolled over without a wait, and the new attempt is watched like the first', () => {
    const it = track({ restart: { slowDelays: [1800] } })
      .acquired()
      .started()
      .confirmed()
    while (it.newest.candidateFor?.code !== 'max_recording_hour') {
      if (it.newest.state === 'candidate' && it.newest.sid === null) it.acquired().started()
      it.pass(10)
    }
    const rolledOver = it.newest.number
    it.acquired().started().pass(100)
    expect(it.attempt(rolledOver).state).toBe('candidate')
    it.notification(71, { code: 1, attempt: 1 })
    expect(roles(it)).toEqual({ current: rolledOver, candidate: undefined })
    expect(it.attempt(rolledOver).deadlines.loadBy).toBeDefined()
  })

  test('waits while a candidate for another reason is loading', () => {
    const it = rolling()
    it.pass(HOURS * 3600 - 145 - it.now, { page: 'reports' })
      .checksFail('#board')
      .dueAfter(20)
    it.acquired().started().pass(10)
    expect(roles(it)).toEqual({ current: 1, candidate: 2 })
    expect(it.deadlines.rollOverAt).toBeGreaterThan(it.now)
  })

  test('Agora ends the attempt before the candidate has loaded: the candidate takes over', () => {
    const it = untilRollOver(rolling()).acquired().started().notification(71, { code: 1, attempt: 1 })
    expect(roles(it)).toEqual({ current: 2, candidate: undefined })
    expect(it.recording.failures).toEqual([])
  })
})

describe('a canary', () => {
  const outage = () => {
    const it = rolling()
    it.ingressSuspect = true
    return it.pass(120).signal({ type: 'canary' })
  }

  test('is a candidate that does not count', () => {
    const it = outage()
    expect(roles(it)).toEqual({ current: 1, candidate: 2 })
    expect(it.recording.failures).toEqual([])
  })

  test('that is silent too is dropped; the current attempt keeps recording', () => {
    const it = outage().acquired().started().pass(100)
    expect(roles(it)).toEqual({ current: 1, candidate: undefined })
    expect(it.recording).toMatchObject({ failures: [], replacing: null })
    expect(it.pass(3600).recording.attempts).toHaveLength(2)
  })

  test('is dropped when the current page reports again', () => {
    const it = outage().acquired().started()
    it.heartbeat({ attempt: 1, page: 'page1' })
    expect(roles(it)).toEqual({ current: 1, candidate: undefined })
    expect(it.state).toBe('rolling')
  })

  test('is not started for a page that must not be open twice', () => {
    const it = rolling({ handOver: 'replace' })
    it.ingressSuspect = true
    expect(roles(it.pass(120).signal({ type: 'canary' }))).toEqual({ current: 1, candidate: undefined })
  })

  test('that runs is the candidate for what is found meanwhile, and the timeline says so', () => {
    const it = outage().acquired().started().signal({ type: 'replaceSilent' })
    expect(it.timeline.at(-1)).toMatchObject({
      code: 'candidate.assigned',
      attempt: 2,
      message: expect.stringContaining('a canary has reported → attempt 2, which runs already'),
      evidence: { code: 'page_silent' },
    })
    expect(roles(it)).toEqual({ current: 1, candidate: 2 })
    expect(it.recording).toMatchObject({ state: 'unhealthy', replacing: { code: 'page_silent' } })
  })

  test('takes over for the reason that was found meanwhile', () => {
    const it = outage().acquired().started().signal({ type: 'replaceSilent' }).hello().loaded()
    expect(it.attempt(1)).toMatchObject({ state: 'superseded', endReason: { code: 'page_silent' } })
    const promoted = it.timeline.find(({ code }) => code === 'candidate.promoted')
    expect(promoted?.evidence).toMatchObject({ code: 'page_silent' })
  })

  test('that fails does not excuse checks that failed meanwhile', () => {
    const it = outage().acquired().started()
    it.report('heartbeat', { attempt: 1, page: 'page1', failing: [{ name: '#board' }] }).pass(100)
    expect(it.when('candidate.dropped', 2)).toBeDefined()
    expect(it.recording).toMatchObject({ replacing: { code: 'page_unhealthy' } })
    expect(it.recording.failures).toHaveLength(1)
    expect(roles(it)).toEqual({ current: 1, candidate: 3 })
  })

  test('that reports takes over, and the other silent pages are replaced on request', () => {
    expect(roles(candidateLoads(outage()))).toEqual({ current: 2, candidate: undefined })
    const it = rolling()
    it.ingressSuspect = true
    it.pass(120).signal({ type: 'replaceSilent' })
    expect(roles(it)).toEqual({ current: 1, candidate: 2 })
    expect(it.recording.failures).toHaveLength(1)
  })
})

describe('handOver: replace', () => {
  test('has no canary, because its page must not be open twice', () => {
    const it = rolling({ handOver: 'replace' })
    it.ingressSuspect = true
    expect(it.pass(120).signal({ type: 'canary' }).recording.attempts).toHaveLength(1)
  })

  test('stops the current attempt when the next one starts', () => {
    const it = rolling({ handOver: 'replace' }).checksFail('#board').dueAfter(20)
    expect(it.effectNames).toEqual(['stop 1', 'start 2'])
    expect(roles(it)).toEqual({ current: 2, candidate: undefined })
  })
})

test('a stop while the candidate is being started stops it once its sid is known', () => {
  const it = failing().stop()
  expect(it.effectNames).toEqual(['stop 1'])
  it.started(2)
  expect(it.effectNames).toEqual(['stop 2'])
  it.stopAnswers('stopped', 1).stopAnswers('stopped', 2)
  expect(it.state).toBe('stopped')
})

test('a stop ends the current attempt and the candidate', () => {
  const it = failing().acquired().started().stop()
  expect(it.effectNames.toSorted()).toEqual(['stop 1', 'stop 2'])
  it.stopAnswers('stopped', 1).stopAnswers('stopped', 2)
  expect(it.state).toBe('stopped')
})

test('a candidate that is being started when the stop arrives is stopped with its sid', () => {
  const it = failing().acquired().stop()
  expect(roles(it)).toEqual({ current: 2, candidate: undefined })
  expect(it.started().effectNames).toEqual(['stop 2'])
})

test('Agora stops a candidate with a code that gives up: it is dropped, and the current attempt is kept', () => {
  const it = rolling({ onStopCode: { 5: 'giveUp' } })
    .checksFail('#board')
    .dueAfter(20)
  it.acquired().started().notification(71, { code: 5 })
  expect(it.codes).toContain('candidate.dropped')
  expect(it.recording).toMatchObject({ state: 'unhealthy', gaveUp: { code: 'stopped_by_agora' } })
})

test('a restart begins afresh: both are stopped', () => {
  const it = failing().acquired().started().restart()
  expect(it.effectNames.toSorted()).toEqual(['start 3', 'stop 1', 'stop 2'])
})

test('a page that reports again after giving up counts the candidates that never load anew', () => {
  const it = rolling({ restart: { delays: [0], maxFailures: 9, maxNeverLoaded: 1, final: true } })
  it.pass(30).started().pass(75)
  expect(it.recording).toMatchObject({ gaveUp: { code: 'page_silent' }, neverLoaded: 1 })
  it.heartbeat({ attempt: 1 })
  expect(it.recording).toMatchObject({ gaveUp: null, neverLoaded: 0 })
})
