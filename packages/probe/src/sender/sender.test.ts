import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { fakeReporter } from '../testing/reporter.ts'
import type { ReportType } from '../types.ts'
import type { Draft } from './outbox.ts'
import { createSender, REQUEST_TIMEOUT_MS } from './sender.ts'

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
  const events = { onKept: vi.fn(), onFailed: vi.fn(), onSuperseded: vi.fn(), onRefused: vi.fn() }
  const clock = { now: () => performance.now(), setTimeout: window.setTimeout, clearTimeout }
  const sender = createSender(URL, { fetch: reporter.fetch, beacon, clock, random: () => 0 }, events)
  return { reporter, beacon, events, sender }
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
  test('is simple for CORS, carries no credentials, and may outlive the page', async () => {
    const { reporter, sender } = setUp()
    sender.send(draft('hello'), true)
    await pass(0)
    const [request] = reporter.requests
    expect(request).toMatchObject({ method: 'POST', credentials: 'omit', keepalive: true })
    expect(new Request(URL, request).headers.get('content-type')).toBe('text/plain;charset=UTF-8')
  })

  test('goes out alone, so that reports arrive in order', async () => {
    const { reporter, sender } = setUp()
    reporter.next = ['silence']
    sender.send(draft('hello'), true)
    sender.send(draft('loaded'), true)
    await pass(REQUEST_TIMEOUT_MS - 1)
    expect(reporter.tries).toHaveLength(1)
    await pass(1 + 1000)
    expect(reporter.types).toEqual(['hello', 'loaded'])
  })

  test('leaves no timer behind', async () => {
    const { sender } = setUp()
    sender.send(draft('hello'), true)
    await pass(0)
    expect(vi.getTimerCount()).toBe(0)
  })
})

describe('sid', () => {
  test('is carried by every report from the answer that brings it', async () => {
    const { reporter, sender } = setUp()
    reporter.next = [{ sid: null }]
    reporter.always = { sid: 's7' }
    for (let i = 0; i < 3; i++) sender.send(draft(), true)
    await pass(0)
    expect(reporter.kept.map((report) => report.sid)).toEqual([undefined, undefined, 's7'])
    expect(sender.sid).toBe('s7')
  })

  test('is dropped on 409, the report sent again without, and learnt anew', async () => {
    const { reporter, sender, events } = setUp()
    reporter.next = [{ sid: 'old' }, 409, { sid: 'new' }]
    sender.send(draft('hello'), true)
    sender.send(draft(), true)
    await pass(0)
    expect(reporter.tries.map(({ seq, sid }) => [seq, sid])).toEqual([
      [1, undefined],
      [2, 'old'],
      [2, undefined],
    ])
    expect(sender.sid).toBe('new')
    expect(events.onFailed).not.toHaveBeenCalled()
  })

  test('waits before it tries again when 409 comes although there was none', async () => {
    const { reporter, sender } = setUp()
    reporter.always = 409
    sender.send(draft('hello'), true)
    await pass(999)
    expect(reporter.tries).toHaveLength(1)
    await pass(1)
    expect(reporter.tries).toHaveLength(2)
  })
})

describe('a failure', () => {
  test.each([
    ['no connection', 'offline'],
    ['408', 408],
    ['429', 429],
    ['500', 500],
    ['503', 503],
    ['an answer that is none of the reporter', { interval: 0 }],
  ] as const)('%s: sends the same report again', async (_, reply) => {
    const { reporter, sender, events } = setUp()
    reporter.next = [reply]
    sender.send(draft('hello'), true)
    await pass(0)
    expect(events.onFailed).toHaveBeenCalledOnce()
    await pass(1000)
    expect(reporter.tries.map((report) => report.seq)).toEqual([1, 1])
    expect(events.onKept).toHaveBeenCalledOnce()
  })

  test('backs off 1, 2, 4 … 30 s and starts over after a success', async () => {
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
      { onKept() {}, onFailed() {}, onSuperseded() {}, onRefused() {} },
    )
    spied.send(draft('hello'), true)
    await pass(92_000)
    expect(at.map((time, i) => time - (at[i - 1] ?? time)).slice(1)).toEqual([
      1000, 2000, 4000, 8000, 16_000, 30_000, 30_000,
    ])
    reporter.always = {}
    await pass(30_000)
    reporter.next = [503]
    at.length = 0
    spied.send(draft(), true)
    await pass(1000)
    expect(at).toHaveLength(2)
    sender.stop()
  })

  test('waits as long as Retry-After says', async () => {
    const { reporter, sender } = setUp()
    reporter.next = [{ status: 503, retryAfter: '7' }]
    sender.send(draft('hello'), true)
    await pass(6999)
    expect(reporter.tries).toHaveLength(1)
    await pass(1)
    expect(reporter.types).toEqual(['hello'])
  })

  test('is tried again at once when woken', async () => {
    const { reporter, sender } = setUp()
    reporter.next = [{ status: 503, retryAfter: '60' }]
    sender.send(draft('hello'), true)
    await pass(0)
    sender.wake()
    await pass(0)
    expect(reporter.types).toEqual(['hello'])
    expect(vi.getTimerCount()).toBe(0)
  })

  test('coalesces steady heartbeats to the newest and says how many are missing', async () => {
    const { reporter, sender } = setUp()
    reporter.next = [{}, 'offline', 'offline', 'offline']
    sender.send(draft('hello'), true)
    for (let i = 0; i < 4; i++) {
      await pass(100)
      sender.send(draft(), false)
    }
    await pass(5000)
    sender.send(draft(), false)
    await pass(0)
    expect(reporter.kept.map(({ seq, missed }) => [seq, missed])).toEqual([
      [1, 0],
      [5, 3],
      [6, 0],
    ])
  })
})

describe('the end', () => {
  test.each([410, 'not current'] as const)('%s: superseded, and silent for good', async (reply) => {
    const { reporter, sender, events, beacon } = setUp()
    reporter.always = reply === 410 ? 410 : { current: false }
    sender.send(draft('hello'), true)
    sender.send(draft('loaded'), true)
    await pass(60_000)
    sender.send(draft(), true)
    sender.sendLast(draft('bye'))
    sender.wake()
    await pass(60_000)
    expect(reporter.tries).toHaveLength(1)
    expect(beacon).not.toHaveBeenCalled()
    expect(events.onSuperseded).toHaveBeenCalledOnce()
    expect(events.onRefused).not.toHaveBeenCalled()
  })

  test.each([400, 401, 403, 404, 413])('%i: refused, and silent for good', async (status) => {
    const { reporter, sender, events } = setUp()
    reporter.always = status
    sender.send(draft('hello'), true)
    await pass(0)
    sender.send(draft(), true)
    await pass(60_000)
    expect(reporter.tries).toHaveLength(1)
    expect(events.onRefused).toHaveBeenCalledExactlyOnceWith(status)
    expect(vi.getTimerCount()).toBe(0)
  })

  test('stop gives up what is under way', async () => {
    const { reporter, sender, events } = setUp()
    reporter.next = ['silence']
    sender.send(draft('hello'), true)
    await pass(0)
    sender.stop()
    await pass(60_000)
    expect(reporter.tries).toHaveLength(1)
    expect(events.onFailed).not.toHaveBeenCalled()
    expect(vi.getTimerCount()).toBe(0)
  })

  test('sendLast goes past what waits, as a plain string with the sid', async () => {
    const { reporter, sender, beacon } = setUp()
    reporter.next = [{ sid: 's7' }, 'offline']
    sender.send(draft('hello'), true)
    await pass(0)
    sender.send(draft(), true)
    sender.sendLast(draft('bye'))
    const [url, body] = beacon.mock.calls[0] ?? []
    expect(url).toBe(URL)
    expect(JSON.parse(body ?? '')).toMatchObject({ type: 'bye', sid: 's7', seq: 3 })
  })
})
