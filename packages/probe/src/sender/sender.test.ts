import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { fakeReporter } from '../testing/reporter.ts'
import type { ReportType } from '../types.ts'
import type { Draft } from './outbox.ts'
import { createSender, type Delivery, REQUEST_TIMEOUT_MS } from './sender.ts'

const URL = 'https://reporter.example.com/v1/reports'

let seq = 0
const draft = (type: ReportType = 'heartbeat'): Draft => ({
  v: 1,
  token: 't',
  type,
  page: 'p1',
  seq: ++seq,
  at: 0,
  checks: [],
  media: [],
  visible: true,
  late: 0,
  errors: 0,
  failed: 0,
  frames: 0,
  warnings: [],
})

const setUp = () => {
  const reporter = fakeReporter()
  const beacon = vi.fn((_url: string, _body: string) => true)
  const onDelivery = vi.fn((_: Delivery) => {})
  const clock = { now: () => performance.now(), setTimeout: window.setTimeout, clearTimeout }
  const environment = { fetch: reporter.fetch, beacon, clock, random: () => 0 }
  const sender = createSender(URL, environment, JSON.stringify, onDelivery)
  const outcomes = () => onDelivery.mock.calls.map(([{ outcome }]) => outcome)
  return { reporter, beacon, onDelivery, outcomes, sender }
}

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms)

beforeEach(() => {
  seq = 0
  vi.useFakeTimers()
})

afterEach(() => {
  vi.useRealTimers()
})

describe('a request', () => {
  test('needs no preflight, carries no credentials, and may outlive the page', async () => {
    const { reporter, sender } = setUp()
    sender.send({ draft: draft('hello'), keep: true })
    await pass(0)
    const [request] = reporter.requests
    expect(request).toMatchObject({ method: 'POST', credentials: 'omit', keepalive: true })
    expect(new Request(URL, request).headers.get('content-type')).toBe('text/plain;charset=UTF-8')
  })

  test('is sent only after the one before, so that reports arrive in order', async () => {
    const { reporter, sender } = setUp()
    reporter.next = ['hang']
    sender.send({ draft: draft('hello'), keep: true })
    sender.send({ draft: draft('loaded'), keep: true })
    await pass(REQUEST_TIMEOUT_MS - 1)
    expect(reporter.received).toHaveLength(1)
    await pass(1 + 1000)
    expect(reporter.types).toEqual(['hello', 'loaded'])
  })

  test('leaves no timer behind', async () => {
    const { sender } = setUp()
    sender.send({ draft: draft('hello'), keep: true })
    await pass(0)
    expect(vi.getTimerCount()).toBe(0)
  })
})

describe('sid', () => {
  test('is in every report after the answer that contains it', async () => {
    const { reporter, sender } = setUp()
    reporter.next = [{ sid: null }]
    reporter.always = { sid: 's7' }
    for (let i = 0; i < 3; i++) sender.send({ draft: draft(), keep: true })
    await pass(0)
    expect(reporter.kept.map((report) => report.sid)).toEqual([undefined, undefined, 's7'])
    expect(sender.sid).toBe('s7')
  })

  test('is dropped on 409, and the report is sent again without it', async () => {
    const { reporter, sender, outcomes } = setUp()
    reporter.next = [{ sid: 'old' }, 409, { sid: 'new' }]
    sender.send({ draft: draft('hello'), keep: true })
    sender.send({ draft: draft(), keep: true })
    await pass(0)
    expect(reporter.received.map(({ seq, sid }) => [seq, sid])).toEqual([
      [1, undefined],
      [2, 'old'],
      [2, undefined],
    ])
    expect(sender.sid).toBe('new')
    expect(outcomes()).toEqual(['accepted', 'dropSid', 'accepted'])
  })

  test('is not the reason for a 409 if none was sent: the retry waits', async () => {
    const { reporter, sender } = setUp()
    reporter.always = 409
    sender.send({ draft: draft('hello'), keep: true })
    await pass(999)
    expect(reporter.received).toHaveLength(1)
    await pass(1)
    expect(reporter.received).toHaveLength(2)
  })
})

describe('a failure', () => {
  test.each([
    ['no connection', 'offline'],
    ['429', 429],
    ['500', 500],
    ['503', 503],
    ['404 of a proxy', { proxy: 404 }],
    ['410 of a proxy', { proxy: 410, body: '{"error":"gone"}' }],
    ['401 of a proxy', { proxy: 401, body: '' }],
    ['200 of a proxy', { proxy: 200, body: '<h1>soon</h1>' }],
    ['an answer that is invalid', { interval: 0 }],
  ] as const)('%s: the same report is sent again', async (_, reply) => {
    const { reporter, sender, outcomes } = setUp()
    reporter.next = [reply]
    sender.send({ draft: draft('hello'), keep: true })
    await pass(0)
    expect(outcomes()).toEqual(['retry'])
    await pass(1000)
    expect(reporter.received.map((report) => report.seq)).toEqual([1, 1])
    expect(outcomes()).toEqual(['retry', 'accepted'])
  })

  test('is retried after 1, 2, 4 … 30 s, and after a success from 1 s again', async () => {
    const { reporter, sender } = setUp()
    const at: number[] = []
    const record = reporter.fetch
    reporter.always = 503
    const spied = createSender(
      URL,
      {
        fetch: (...args) => {
          at.push(Date.now())
          return record(...args)
        },
        beacon: () => true,
        clock: { now: Date.now, setTimeout: window.setTimeout, clearTimeout },
        random: () => 0,
      },
      JSON.stringify,
      () => {},
    )
    spied.send({ draft: draft('hello'), keep: true })
    await pass(92_000)
    expect(at.map((time, i) => time - (at[i - 1] ?? time)).slice(1)).toEqual([
      1000, 2000, 4000, 8000, 16_000, 30_000, 30_000,
    ])
    reporter.always = {}
    await pass(30_000)
    reporter.next = [503]
    at.length = 0
    spied.send({ draft: draft(), keep: true })
    await pass(1000)
    expect(at).toHaveLength(2)
    sender.stop()
  })

  test('is retried when Retry-After says', async () => {
    const { reporter, sender } = setUp()
    reporter.next = [{ proxy: 503, retryAfter: '7' }]
    sender.send({ draft: draft('hello'), keep: true })
    await pass(6999)
    expect(reporter.received).toHaveLength(1)
    await pass(1)
    expect(reporter.types).toEqual(['hello'])
  })

  test('is retried immediately by retryNow()', async () => {
    const { reporter, sender } = setUp()
    reporter.next = [{ proxy: 503, retryAfter: '60' }]
    sender.send({ draft: draft('hello'), keep: true })
    await pass(0)
    sender.retryNow()
    await pass(0)
    expect(reporter.types).toEqual(['hello'])
    expect(vi.getTimerCount()).toBe(0)
  })

  test('drops all steady heartbeats but the newest, which says how many are missing', async () => {
    const { reporter, sender } = setUp()
    reporter.next = [{}, 'offline', 'offline', 'offline']
    sender.send({ draft: draft('hello'), keep: true })
    for (let i = 0; i < 4; i++) {
      await pass(100)
      sender.send({ draft: draft(), keep: false })
    }
    await pass(5000)
    sender.send({ draft: draft(), keep: false })
    await pass(0)
    expect(reporter.kept.map(({ seq, missed }) => [seq, missed])).toEqual([
      [1, 0],
      [5, 3],
      [6, 0],
    ])
  })
})

describe('a note', () => {
  test('is in every report until one with it is accepted', async () => {
    const { reporter, sender } = setUp()
    reporter.next = ['offline', 503]
    sender.send({ draft: draft('hello'), keep: true })
    await pass(0)
    sender.note('old')
    await pass(1000)
    sender.note('new')
    await pass(2000)
    sender.send({ draft: draft(), keep: true })
    await pass(0)
    expect(reporter.received.map(({ note }) => note)).toEqual([undefined, 'old', 'new', undefined])
  })

  test('set while a report is on its way is in the next one', async () => {
    const { reporter, sender } = setUp()
    sender.note('first')
    sender.send({ draft: draft('hello'), keep: true })
    sender.note('second')
    sender.send({ draft: draft(), keep: true })
    await pass(0)
    expect(reporter.kept.map(({ note }) => note)).toEqual(['first', 'second'])
  })
})

describe('how a sender ends', () => {
  test.each([410, 'not current'] as const)('%s: superseded, and nothing more is sent', async (reply) => {
    const { reporter, sender, outcomes, beacon } = setUp()
    reporter.always = reply === 410 ? 410 : { current: false }
    sender.send({ draft: draft('hello'), keep: true })
    sender.send({ draft: draft('loaded'), keep: true })
    await pass(60_000)
    sender.send({ draft: draft(), keep: true })
    sender.sendLast(draft('bye'))
    sender.retryNow()
    await pass(60_000)
    expect(reporter.received).toHaveLength(1)
    expect(beacon).not.toHaveBeenCalled()
    expect(outcomes()).toEqual(['superseded'])
  })

  test.each([400, 401])('%i: refused, and nothing more is sent', async (status) => {
    const { reporter, sender, onDelivery } = setUp()
    reporter.always = status
    sender.send({ draft: draft('hello'), keep: true })
    await pass(0)
    sender.send({ draft: draft(), keep: true })
    await pass(60_000)
    expect(reporter.received).toHaveLength(1)
    expect(onDelivery).toHaveBeenCalledExactlyOnceWith(
      expect.objectContaining({ outcome: 'refused', detail: `detail of ${status}` }),
    )
    expect(vi.getTimerCount()).toBe(0)
  })

  test('stop() aborts the request', async () => {
    const { reporter, sender, outcomes } = setUp()
    reporter.next = ['hang']
    sender.send({ draft: draft('hello'), keep: true })
    await pass(0)
    sender.stop()
    await pass(60_000)
    expect(reporter.received).toHaveLength(1)
    expect(outcomes()).toEqual([])
    expect(vi.getTimerCount()).toBe(0)
  })

  test('sendLast() overtakes the queue, with a plain string that contains the sid', async () => {
    const { reporter, sender, beacon } = setUp()
    reporter.next = [{ sid: 's7' }, 'offline']
    sender.send({ draft: draft('hello'), keep: true })
    await pass(0)
    sender.send({ draft: draft(), keep: true })
    sender.sendLast(draft('bye'))
    const [url, body] = beacon.mock.calls[0] ?? []
    expect(url).toBe(URL)
    expect(JSON.parse(body ?? '')).toMatchObject({ type: 'bye', sid: 's7', seq: 3 })
  })
})
