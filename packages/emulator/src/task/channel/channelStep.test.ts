import { describe, expect, test } from 'vitest'
import type { NotifyAction } from '../task.ts'
import { firstSession } from '../task.ts'
import { channelStep } from './channelStep.ts'
import type { ChannelInput, ChannelTask } from './channelTask.ts'
import { subscriptionOf } from './subscription.ts'

const NOW = Date.UTC(2026, 0, 1)
const DELAYS = { openDelayMs: 0, exitDelayMs: 500, fileDelayMs: null }

const task = (changes: Partial<ChannelTask> = {}): ChannelTask => ({
  mode: 'mix',
  serviceScene: 'rtc_record',
  sid: 'sid',
  resourceId: 'resource',
  cname: 'room',
  uid: '900001',
  filePrefix: [],
  startedAt: NOW,
  expiresAt: NOW + 10 ** 9,
  state: 'starting',
  exitingAt: null,
  endedAt: null,
  uploads: 'ok',
  notFoundUntil: 0,
  sequence: 0,
  session: firstSession('900001'),
  media: ['audio', 'video'],
  recordsFiles: true,
  mp4: false,
  snapshotMs: null,
  maxIdleMs: 300_000,
  maxVideoMs: 7_200_000,
  fileDelayMs: 15_000,
  tokenExpiresAt: null,
  subscription: subscriptionOf({}),
  layout: null,
  users: [],
  idleSince: null,
  streams: [],
  tracks: [],
  announced: 0,
  uploading: false,
  recordingAt: null,
  snapshots: 0,
  exit: null,
  ...changes,
})

/** A task and its timers, in simulated time. */
const createRun = (initial: ChannelTask) => {
  let current = initial
  let now = NOW
  const timers = new Map<string, number>()
  const notifications: NotifyAction[] = []

  const send = (input: ChannelInput): void => {
    const step = channelStep(current, input, { now, delays: DELAYS })
    current = step.task
    for (const action of step.actions) {
      if (action.type === 'startTimer') timers.set(action.timer, now + action.delayMs)
      if (action.type === 'cancelTimer') timers.delete(action.timer)
      if (action.type === 'cancelTimers') timers.clear()
      if (action.type === 'notify') notifications.push(action)
    }
  }

  const advance = (ms: number): void => {
    const until = now + ms
    for (;;) {
      const [due] = [...timers].filter(([, at]) => at <= until).sort(([, a], [, b]) => a - b)
      if (!due) break
      const [timer, at] = due
      timers.delete(timer)
      now = Math.max(now, at)
      send({ type: 'timerFired', timer } as ChannelInput)
    }
    now = until
  }

  return { task: () => current, notifications, timers, send, advance }
}

/** Numbers from 0 to 1 that are the same for each seed (mulberry32). */
const randomOf = (seed: number) => (): number => {
  seed = (seed + 0x6d2b79f5) | 0
  let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed)
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
}

const UIDS = ['1', '2', '3']

/** Anything that may happen to a task; ends are rare. */
const randomInput = (random: () => number): ChannelInput => {
  const some = () => UIDS.filter(() => random() < 0.5)
  const choice = random()
  if (choice < 0.6) return { type: 'usersChanged', users: some() }
  if (choice < 0.75) {
    const lists = random() < 0.5 ? { subscribeAudioUids: some() } : { unsubscribeVideoUids: some() }
    return { type: 'subscriptionRequested', subscription: subscriptionOf(lists) }
  }
  if (choice < 0.85) {
    const failover = {
      newUid: String(4_000_000_000 + Math.floor(random() * 10 ** 8)),
      former: 'silent' as const,
    }
    return { type: 'failoverRequested', delayMs: 10_000, failover }
  }
  if (choice < 0.97) return { type: 'uploadsChanged', uploads: random() < 0.5 ? 'ok' : 'backedUp' }
  return { type: 'stopRequested', code: random() < 0.5 ? 0 : 6 }
}

const streamKey = ({ uid, media }: { uid: string; media: string }) => `${uid} ${media}`

const expectConsistent = ({ streams, tracks, users, mode, state, idleSince, session }: ChannelTask): void => {
  expect(new Set(streams.map(streamKey)).size).toBe(streams.length)
  for (const { uid } of streams) expect(mode === 'mix' ? ['0'] : users).toContain(uid)
  expect(new Set(tracks.map(({ name }) => name)).size).toBe(tracks.length)
  if (state !== 'idle' && state !== 'recording') return
  const written = tracks.filter(({ interruptedAt }) => interruptedAt === null)
  expect(written).toHaveLength(mode === 'mix' ? Math.min(1, streams.length) : streams.length)
  for (const { name } of written) {
    expect(name.startsWith(session.failovers === 0 ? 'sid_' : `bak${session.failovers - 1}_sid_`)).toBe(true)
  }
  expect(state).toBe(streams.length > 0 ? 'recording' : 'idle')
  expect(idleSince === null).toBe(users.length > 0)
}

/** Per server, the states of each stream alternate, beginning with "receiving". */
const expectAlternatingStates = (notifications: readonly NotifyAction[]): void => {
  const states = new Map<string, number>()
  for (const { event, uid, details } of notifications) {
    if (event !== 43 && event !== 44) continue
    const key = [event, uid, details.streamUid].join()
    expect(details.state).toBe(states.get(key) === 0 ? 1 : 0)
    states.set(key, Number(details.state))
  }
}

const expectEnded = ({ task: current, notifications, timers }: ReturnType<typeof createRun>): void => {
  expect(current().state).toBe('ended')
  expect([...timers]).toEqual([])
  const events = notifications.map(({ event }) => event)
  expect(events.filter((event) => event === 11)).toHaveLength(1)
  expect(events.at(-1)).toBe(11)
  const uploadEnds = events.filter((event) => event === 31 || event === 32)
  const uploads = current().recordingAt !== null && current().exit?.leaveCode !== null
  expect(uploadEnds).toHaveLength(uploads ? 1 : 0)
  expect(events.filter((event) => event === 12)).toHaveLength(current().session.failovers)
}

describe.each(['mix', 'individual'] as const)('whatever happens to a task in mode %s', (mode) => {
  test.each(Array.from({ length: 100 }, (_, seed) => seed))('seed %i', (seed) => {
    const random = randomOf(seed)
    const run = createRun(task({ mode, users: random() < 0.5 ? ['1'] : [] }))
    run.send({ type: 'started' })
    for (let n = 0; n < 60; n++) {
      run.advance(Math.floor(random() * 40_000))
      run.send(randomInput(random))
      expectConsistent(run.task())
    }
    run.send({ type: 'stopRequested', code: 0 })
    run.advance(1000)
    expectEnded(run)
    expectAlternatingStates(run.notifications)
    expect(run.notifications.map(({ sequence }) => sequence)).toEqual(
      run.notifications.map((_, index) => index),
    )
  })
})

test.each<ChannelInput>([
  { type: 'usersChanged', users: ['1'] },
  { type: 'subscriptionRequested', subscription: subscriptionOf({ subscribeAudioUids: ['1'] }) },
  { type: 'layoutRequested', layout: {} },
  { type: 'stopRequested', code: 0 },
  { type: 'uploadsChanged', uploads: 'failing' },
  { type: 'failoverRequested', delayMs: 1000, failover: { newUid: '7', former: 'silent' } },
  { type: 'timerFired', timer: 'idle' },
  { type: 'timerFired', timer: 'join' },
])('$type comes too late while the task is exiting and after it has ended', (input) => {
  for (const state of ['exiting', 'ended'] as const) {
    const late = task({ state, exitingAt: NOW, exit: { exitStatus: 0, leaveCode: 18, reason: 'stopped' } })
    expect(channelStep(late, input, { now: NOW, delays: DELAYS })).toEqual({ task: late, actions: [] })
  }
})

test('the exit timer of a task that has ended changes nothing', () => {
  const ended = task({ state: 'ended', endedAt: NOW })
  const input = { type: 'timerFired', timer: 'exit' } as const
  expect(channelStep(ended, input, { now: NOW, delays: DELAYS }).actions).toEqual([])
})
