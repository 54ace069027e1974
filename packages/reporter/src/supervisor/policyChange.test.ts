import { describe, expect, test } from 'vitest'
import { mergePolicy, type PolicyInput } from './policy.ts'
import { rollingChannel } from './testing/trackedChannel.ts'
import { rolling, type TrackedRecording, track } from './testing/trackedRecording.ts'

/** The user changes some of the policy. */
const change = <Tracked extends TrackedRecording>(it: Tracked, policy: PolicyInput): Tracked =>
  it.signal({
    type: 'changed',
    changes: [],
    fields: Object.keys(policy).map((name) => `policy.${name}`),
    policy: mergePolicy(it.recording.policy, policy),
  })

/** Changes the policy, and returns by how many seconds from now each deadline is due then. */
const after = (it: TrackedRecording, policy: PolicyInput): Record<string, number> => {
  change(it, policy)
  return Object.fromEntries(
    Object.entries(it.deadlines).map(([name, at]) => [name, Math.round((at - it.now) * 1000) / 1000]),
  )
}

describe('a change of the policy', () => {
  test('is written down, and changes nothing after a stop', () => {
    const it = change(rolling(), { unhealthyTimeout: 5 })
    expect(it.timeline.at(-1)).toMatchObject({
      code: 'recording.changed',
      message: 'Changed on request: policy.unhealthyTimeout',
      evidence: { fields: ['policy.unhealthyTimeout'] },
    })
    it.stop()
    const before = it.recording
    expect(change(it, { unhealthyTimeout: 7 }).recording).toEqual(before)
    expect(it.codes).toEqual([])
  })

  test('moves a deadline that is armed: a longer timeout by the difference, a shorter one to count from now', () => {
    const failing = () => rolling().checksFail('#board').wait(5)
    expect(after(failing(), { unhealthyTimeout: 60 }).healthyBy).toBe(55)
    expect(after(failing(), { unhealthyTimeout: 18 }).healthyBy).toBe(15)
    expect(after(failing(), { unhealthyTimeout: 3 }).healthyBy).toBe(3)
    const loading = () => track().acquired().started().hello().wait(15)
    expect(after(loading(), { loadTimeout: 100 }).loadBy).toBe(85)
    expect(after(loading(), { readyTimeout: 5, loadTimeout: 20 }).loadBy).toBe(20)
    expect(after(loading(), { confirmTimeout: 120 }).confirmBy).toBe(105)
  })

  test('leaves the wait for a lost sid as it is', () => {
    const it = track().acquired().startUnknown().wait(10)
    expect(after(it, { confirmTimeout: 5 }).confirmBy).toBe(20)
  })

  test('gives a page that has loaded before the grace of a reload, not the timeout of its first load', () => {
    const reloaded = () => rolling().hello({ page: 'page1b' }).wait(10)
    expect(after(reloaded(), { loadTimeout: 600 }).loadBy).toBe(50)
    expect(after(reloaded(), { reloadGrace: 90 }).loadBy).toBe(80)
  })

  test('brings the next query forward, and never puts off one that is waited for', () => {
    const it = rolling().pass(10)
    expect(after(it, { queryInterval: 30 }).queryAt).toBe(30)
    expect(after(it, { queryInterval: 600 }).queryAt).toBe(30)
  })

  test('of fileTimeout moves the wait for a file; 0 ends it', () => {
    const writing = () => rolling().wait(60)
    const { fileBy = 0 } = writing().deadlines
    expect(after(writing(), { fileTimeout: 300 }).fileBy).toBe(fileBy + 120 - writing().now)
    expect(after(writing(), { fileTimeout: 0 }).fileBy).toBeUndefined()
  })

  test('of rollOverAhead or handOver plans the roll-over anew', () => {
    const hours = 3 * 3600
    const it = rolling()
    const start = (it.deadlines.rollOverAt ?? 0) + 120 - hours
    change(it, { rollOverAhead: 600 })
    expect(it.deadlines.rollOverAt).toBe(start + hours - 600)
    expect(change(it, { handOver: 'replace' }).deadlines.rollOverAt).toBeUndefined()
    expect(change(it, { handOver: 'overlap' }).deadlines.rollOverAt).toBe(start + hours - 600)
    expect(change(it, { rollOverAhead: 0 }).deadlines.rollOverAt).toBeUndefined()
  })

  test('leaves a roll-over that has begun as it is', () => {
    const it = rolling().pass(3 * 3600 - 100, { page: 'reports', agora: 5 })
    expect(it.recording.replacing?.code).toBe('max_recording_hour')
    expect(change(it, { rollOverAhead: 300 }).deadlines.rollOverAt).toBeUndefined()
    expect(it.recording.attemptCount).toBe(2)
  })

  test('brings a slow retry forward', () => {
    const it = track({ restart: { maxNeverLoaded: 1, slowDelays: [1800] } })
    it.acquired().startFailed('failed').wait(60)
    expect(it.recording.slowRetries).toBe(1)
    expect(after(it, { restart: { slowDelays: [3600] } }).retryAt).toBe(1740)
    expect(after(it, { restart: { slowDelays: [100] } }).retryAt).toBe(100)
    // The limit is no longer reached: the ordinary delay.
    expect(after(it, { restart: { maxNeverLoaded: 5 } }).retryAt).toBe(0)
    expect(it.dueAfter(0).recording.attemptCount).toBe(2)
  })

  test('leaves the retry of a postponed start as it is', () => {
    const it = track().acquired().startFailed('busy')
    const { retryAt } = it.deadlines
    expect(change(it, { restart: { delays: [0] } }).deadlines.retryAt).toBe(retryAt)
  })
})

describe('a change of heartbeatTimeout and heartbeatInterval', () => {
  test('has the page noticed sooner, from its next report at the latest', () => {
    expect(after(rolling().wait(5), { heartbeatTimeout: 90 }).beatBy).toBe(85)
    expect(after(rolling().wait(5), { heartbeatTimeout: 20 }).beatBy).toBe(20)
  })

  test('waits for a page that still reports at the former interval', () => {
    const it = rolling({ heartbeatInterval: 60, heartbeatTimeout: 120 }).wait(5)
    expect(after(it, { heartbeatInterval: 2, heartbeatTimeout: 5 }).beatBy).toBe(115)
    // Neither does a second change forget the interval that the page knows.
    expect(after(it, { heartbeatInterval: 1 }).beatBy).toBe(115)
    expect(it.dueAfter(50).state).toBe('rolling')
    // With the answer to this report it learns the new one.
    expect(it.heartbeat().deadlines.beatBy).toBe(it.now + 5)
    expect(it.live?.formerInterval).toBeNull()
  })

  test('says nothing to a page that has not reported yet: the answer to its hello has the new interval', () => {
    const it = change(track().acquired().started(), { heartbeatInterval: 5, heartbeatTimeout: 10 })
    expect(it.live?.formerInterval).toBeNull()
  })
})

describe("a change of a channel's policy", () => {
  const waiting = () => rollingChannel({ onIdleExit: 'wait' }).pass(60).notification(41, { leaveCode: 4 })

  test('ends a wait for users once it says to restart, and not once it says to end', () => {
    expect(change(waiting(), { onIdleExit: 'end' }).state).toBe('paused')
    const it = change(waiting(), { onIdleExit: 'restart' })
    expect(it.effectNames).toEqual(['start 2'])
    expect(it.recording.waitingSince).toBeNull()
  })

  test('ends the wait for high availability, and begins it with the next attempt', () => {
    const it = rollingChannel({ requireHa: true })
    expect(it.deadlines.haBy).toBeDefined()
    expect(change(it, { requireHa: false }).deadlines.haBy).toBeUndefined()
    expect(change(it, { requireHa: true }).deadlines.haBy).toBeUndefined()
    expect(it.restart().acquired().started().deadlines.haBy).toBe(it.now + 10)
  })
})
