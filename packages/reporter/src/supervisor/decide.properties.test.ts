import { describe, expect, test } from 'vitest'
import {
  candidateAttempt,
  currentAttempt,
  findAttempt,
  isSupervised,
  supervisedAttempts,
  withAttempts,
} from './attempts.ts'
import { CHANNEL_RULES } from './channel/rules.ts'
import { decide } from './decide.ts'
import { PAGE_RULES } from './page/rules.ts'
import type { StopCode } from './policy.ts'
import { type Attempt, dueAt, type Reason, type Recording, type UploadStatus } from './recording.ts'
import { limitReached } from './retryPlan.ts'
import { isSameStop } from './settle.ts'
import { checkRuns, type Decision } from './testing/randomRuns.ts'
import { uploadStatusOf } from './uploads.ts'

/** Checks the rule after every decision of many runs. */
const always = (name: string, rule: (decision: Decision) => void): void => {
  test(name, () => checkRuns((decisions) => decisions.forEach(rule)))
}

/** Not the random number that the decision was made with, except by chance. */
const OTHER_RANDOM = 0.5

/** Whether `onStopCode` ends the recording at this stop: the first time, or because another attempt ended the same way. */
const mustGiveUpFor = ({ attempts, freshFrom, policy }: Recording, why: Reason): boolean => {
  const action = policy.onStopCode[`${why.evidence.code}` as StopCode]
  const same = attempts.filter(({ number, endReason }) => number >= freshFrom && isSameStop(endReason, why))
  return action === 'giveUp' || (action === 'restartOnce' && same.length > 1)
}

/** Whether it is known that the attempt is well. */
const isProven = ({ kind }: Recording, attempt: Attempt | undefined): boolean =>
  kind === 'page' ? attempt?.page?.loaded === true : attempt !== undefined && attempt.confirmedAt !== null

describe('after any sequence of signals', () => {
  always('at most one attempt is current, and at most one a candidate beside it', ({ after }) => {
    const states = after.attempts.map(({ state }) => state)
    const current = states.filter((state) => state === 'starting' || state === 'current').length
    const candidates = states.filter((state) => state === 'candidate').length
    expect(current).toBeLessThanOrEqual(1)
    expect(candidates).toBeLessThanOrEqual(current)
  })

  always('a candidate runs only while there is a reason to replace the current attempt', ({ after }) => {
    if (candidateAttempt(after)) expect(after.replacing).not.toBeNull()
  })

  always(
    'a task that Agora records is stopped only if another one has loaded, or on request',
    ({ before, after, signal }) => {
      const current = currentAttempt(before)
      const isKept = before.policy.handOver === 'overlap' && before.desired === 'running'
      if (!isKept || current?.sid == null || signal.type === 'stop' || signal.type === 'restart') return
      const now = findAttempt(after, current.number)
      if (now?.state !== 'superseded') return
      // Agora's own answers and notifications may say that it has ended, or that it will never write again.
      const isHard = ['lost_at_agora', 'stopped_by_agora', 'resume_failed', 'stopped', 'idle_exit'].includes(
        now.endReason?.code ?? '',
      )
      expect(isHard || isProven(after, currentAttempt(after))).toBe(true)
    },
  )

  always('a recording has failed only if it has given up', ({ after }) => {
    if (after.state === 'failed') expect(after.gaveUp).not.toBeNull()
  })

  always('a recording gives up only at a final limit, for a stop code, or if it is refused', (decision) => {
    const { before, after, signal } = decision
    const { gaveUp } = after
    if (before.gaveUp || !gaveUp) return
    const isAtLimit =
      after.policy.restart.final && limitReached({ recording: after, rules: PAGE_RULES }) !== null
    const isRefused = signal.type === 'startFailed' && signal.failure === 'permanent'
    expect(isAtLimit || isRefused || mustGiveUpFor(after, gaveUp)).toBe(true)
  })

  always('no uid is used twice, neither by attempts that have settled', ({ after, whole }) => {
    const uids = withAttempts(after, whole.attempts).attempts.map(({ uid }) => uid)
    expect(uids).toHaveLength(after.attemptCount)
    expect(uids).toEqual(uids.map((_, index) => String(after.uidBase + index + 1)))
  })

  always(
    'an attempt is started when it is created, and again only if its start was postponed',
    (decision) => {
      const { before, after, effects } = decision
      const made = after.attempts.flatMap(({ number }) => (number > before.attemptCount ? [number] : []))
      const started = effects.filter(({ kind }) => kind === 'start').map(({ attempt }) => attempt)
      const postponed = supervisedAttempts(before).find((attempt) => attempt.postponed)?.number
      expect(started.filter((number) => number !== postponed)).toEqual(made)
    },
  )

  always('a recording that is to be stopped starts nothing', ({ before, after, effects }) => {
    if (before.desired === 'stopped') expect(after.desired).toBe('stopped')
    if (after.desired === 'running') return
    expect(effects.filter(({ kind }) => kind === 'start')).toEqual([])
    expect(after.attempts.filter(({ state }) => state === 'current')).toEqual([])
    expect(['stopping', 'stopped']).toContain(after.state)
  })

  always('a recording that makes no further attempt waits for none', ({ after }) => {
    if (after.desired === 'running' && after.gaveUp === null) return
    expect(after.replacing).toBeNull()
    expect(after.deadlines).not.toHaveProperty('retryAt')
    expect(after.deadlines).not.toHaveProperty('rollOverAt')
  })

  always('a known sid never changes, and an ended attempt stays ended', ({ before, after }) => {
    for (const attempt of before.attempts) {
      const now = findAttempt(after, attempt.number)
      // It has ended, and another start of the attempt may have gone through.
      if (attempt.sid !== null && now?.earlierSids.at(-1) === attempt.sid) {
        expect(now.state).toBe(now.sid === null ? 'orphaned' : 'superseded')
        continue
      }
      if (attempt.sid !== null) expect(now?.sid).toBe(attempt.sid)
      // Only an attempt that was believed not to have started can turn out to run.
      if (attempt.state === 'ended' && attempt.sid !== null) expect(now?.state).toBe('ended')
    }
  })

  always('queries, stops and updates are sent only for an attempt with a sid', ({ after, effects }) => {
    for (const { kind, attempt } of effects) {
      if (kind !== 'start') expect(findAttempt(after, attempt)?.sid).not.toBeNull()
    }
  })

  always('at most one start, query, stop and update of an attempt is in flight', ({ inFlight }) => {
    const keys = inFlight.map(({ kind, attempt }) => `${kind} ${attempt}`)
    expect(new Set(keys).size).toBe(keys.length)
  })

  always(
    'a rolling recording has a current attempt with a sid, and a loaded page that passes all checks',
    ({ after }) => {
      expect(after.rollingSince !== null).toBe(after.state === 'rolling')
      if (after.state !== 'rolling') return
      const attempt = currentAttempt(after)
      const page = after.kind === 'page' ? { loaded: true, failing: [] } : null
      expect(attempt).toMatchObject({ state: 'current', page, suspicion: null })
      expect(isProven(after, attempt)).toBe(true)
      expect(attempt?.sid).not.toBeNull()
    },
  )

  always('an attempt that has ended or is being stopped has a reason', ({ after }) => {
    const supervised = supervisedAttempts(after).map(({ number }) => number)
    for (const { number, state, endReason, endedAt } of after.attempts) {
      if (!supervised.includes(number)) expect(endReason).not.toBeNull()
      expect(endedAt === null).toBe(state !== 'ended')
    }
  })

  always('a recording has a reason while it is not well, and none while it is rolling', ({ after }) => {
    if (['unhealthy', 'recovering', 'stopping', 'stopped', 'failed'].includes(after.state)) {
      expect(after.reason).not.toBeNull()
    }
    if (after.state === 'rolling') expect(after.reason).toBeNull()
  })

  always(
    'attention names the attempts without files, with failing uploads, or in the backup',
    ({ after }) => {
      const named = (code: string): number[] =>
        (after.attention.find((each) => each.code === code)?.attempts ?? []).toSorted((a, b) => a - b)
      const numbersOf = (...statuses: UploadStatus[]): number[] =>
        after.attempts
          .filter((attempt) => statuses.includes(uploadStatusOf(attempt)))
          .map(({ number }) => number)
      const withoutFiles = after.attempts.filter(({ noFiles }) => noFiles === 'confirmed')
      expect(named('no_files')).toEqual(withoutFiles.map(({ number }) => number))
      expect(named('upload_failing')).toEqual(numbersOf('failing', 'failed'))
      expect(named('uploads_backuped')).toEqual(numbersOf('backed_up'))
    },
  )

  always('a recording that makes no further attempt does not retry slowly', ({ after }) => {
    const isOver = after.desired === 'stopped' || after.gaveUp !== null
    if (isOver) expect(after.attention.map(({ code }) => code)).not.toContain('slow_retries')
  })

  always('every change of a state has a timeline entry', ({ before, after, timeline }) => {
    if (after.state !== before.state) expect(timeline).not.toEqual([])
    for (const { number, state } of after.attempts) {
      if (findAttempt(before, number)?.state !== state) expect(timeline).not.toEqual([])
    }
  })

  always('a recording that is not terminal has a deadline or an effect in flight', ({ after, inFlight }) => {
    if (after.state === 'stopped' || after.state === 'failed') return
    // A user who joins ends this, or a command.
    if (after.waitingSince !== null && !currentAttempt(after)) return
    expect(dueAt(after) !== undefined || inFlight.length > 0).toBe(true)
    if (after.desired === 'stopped') return
    if (!currentAttempt(after)) expect(after.deadlines.retryAt).toBeDefined()
    // An attempt depends on its own effects and deadlines, not on those of other attempts.
    for (const { number, deadlines, postponed } of supervisedAttempts(after)) {
      const awaited = inFlight.some(({ kind, attempt }) => attempt === number && kind !== 'stop')
      const isDue = postponed ? after.deadlines.retryAt !== undefined : Object.keys(deadlines).length > 0
      expect(isDue || awaited).toBe(true)
    }
  })

  always(
    'what the user has requested of the running task is confirmed, refused, in flight or scheduled',
    ({ after, inFlight }) => {
      for (const attempt of supervisedAttempts(after)) {
        const { number, sid, update } = attempt
        const { isInSync } = after.kind === 'page' ? PAGE_RULES : CHANNEL_RULES
        if (sid === null || isInSync(after, attempt) || after.desired === 'stopped') continue
        const sent = inFlight.some(({ kind, attempt }) => kind === 'update' && attempt === number)
        expect(sent || typeof update?.nextAt === 'number').toBe(true)
      }
    },
  )

  always('a paused recording has no deadline for failed checks', ({ after }) => {
    if (!after.paused) return
    for (const { deadlines } of after.attempts) expect(deadlines.healthyBy).toBeUndefined()
  })

  always('a superseded attempt has a stop in flight or scheduled', ({ after, inFlight }) => {
    for (const { number, state, stop } of after.attempts) {
      if (state !== 'superseded') continue
      const sent = inFlight.some(({ kind, attempt }) => kind === 'stop' && attempt === number)
      expect(sent || typeof stop?.nextAt === 'number').toBe(true)
    }
  })

  always('a due signal leaves no deadline in the past', ({ signal, after, now }) => {
    if (signal.type !== 'due') return
    expect(dueAt(after) ?? now).toBeGreaterThanOrEqual(now)
    const later = now + 1
    const next = decide(after, { type: 'due' }, { now: later, random: 0 })
    expect(dueAt(next.recording) ?? later).toBeGreaterThanOrEqual(later)
  })

  always(
    'a decision changes none of its inputs, and gives the same result each time',
    ({ before, signal, now, downtimes, after }) => {
      const copy = structuredClone(before)
      const moment = { now, random: OTHER_RANDOM, downtimes }
      const again = decide(copy, signal, moment)
      expect(copy).toEqual(before)
      expect(decide(before, signal, moment)).toEqual(again)
      // The random number affects the length of a delay, and nothing else.
      expect(again.recording.state === 'recovering' || again.recording.state === after.state).toBe(true)
    },
  )

  always('the decision is the same as if no attempt had ever settled', (decision) => {
    const { whole, signal, now, random, downtimes, effects, timeline, after } = decision
    const onAll = decide(whole, signal, { now, random, downtimes })
    expect(onAll.effects).toEqual(effects)
    expect(onAll.timeline).toEqual(timeline)
    expect(withAttempts(onAll.recording, onAll.settled)).toEqual(withAttempts(after, whole.attempts))
  })

  always('a signal about an attempt that is not supervised changes nothing about the others', (decision) => {
    const { before, after, signal } = decision
    if (!('attempt' in signal) || isSupervised(before, signal.attempt)) return
    if (supervisedAttempts(before).some(({ number }) => number === signal.attempt)) return
    // A downtime changes the deadlines of all of them.
    if (before.appliedDowntimes.count < after.appliedDowntimes.count) return
    for (const attempt of supervisedAttempts(before)) {
      expect(findAttempt(after, attempt.number)).toEqual(attempt)
    }
    // The stop of an attempt that is not supervised may be retried or confirmed.
    const { stopBy, ...deadlines } = after.deadlines
    const { stopBy: stopByBefore, ...deadlinesBefore } = before.deadlines
    expect(deadlines).toEqual(deadlinesBefore)
    if (currentAttempt(before)) expect(after.state).toBe(before.state)
    expect(candidateAttempt(after)?.number).toBe(candidateAttempt(before)?.number)
  })
})
