import { describe, expect, test } from 'vitest'
import type { Check } from '../acceptance.ts'
import type { PublicAnswer } from './finding.ts'
import { createPublicUrlWatch } from './publicUrlWatch.ts'

const URL = 'https://reporter.example.com'
const EXPIRED = Object.assign(new Error('certificate has expired'), { code: 'CERT_HAS_EXPIRED' })
const REFUSED = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' })

/** A watch with a clock and an answer that the test sets; `ours` is this reporter's own. */
const world = () => {
  let seconds = 1_000_000
  let answer: 'ours' | Error | Partial<PublicAnswer> = 'ours'
  let outageSince: number | null = null
  let reportedAt: number | undefined
  let asked = 0
  const lines: { level: 'info' | 'warn'; message: string }[] = []
  const add = (level: 'info' | 'warn') => (_: unknown, message: string) => void lines.push({ level, message })
  const watch = createPublicUrlWatch({
    url: URL,
    clock: { now: () => seconds * 1000, elapsed: () => seconds * 1000 },
    log: { info: add('info'), warn: add('warn') } as never,
    ingress: { outageSince: () => outageSince },
    reports: { acceptedAt: () => reportedAt },
    ask: async () => {
      asked += 1
      if (answer instanceof Error) throw answer
      const body = JSON.stringify(watch.identity)
      return { status: 200, body, ...(answer === 'ours' ? {} : answer) }
    },
  })
  return {
    watch,
    lines,
    get asked() {
      return asked
    },
    answers: (next: typeof answer) => {
      answer = next
    },
    outage: (is: boolean) => {
      outageSince = is ? seconds * 1000 : null
    },
    report: () => {
      reportedAt = seconds * 1000
    },
    pass: async (length: number) => {
      for (let passed = 0; passed < length; passed += 1) {
        seconds += 1
        await watch.runOnce()
      }
    },
    check: (): Check => watch.check(),
  }
}

test('each process has an instance of its own', () => {
  expect(world().watch.identity).not.toEqual(world().watch.identity)
})

describe('the public address is asked', () => {
  test('at the start and every minute', async () => {
    const it = world()
    expect(it.check()).toEqual({ ok: true, detail: 'has not been asked yet' })
    await it.pass(1)
    expect(it.asked).toBe(1)
    await it.pass(59)
    expect(it.asked).toBe(1)
    await it.pass(1)
    expect(it.asked).toBe(2)
    expect(it.check()).toEqual({ ok: true, detail: 'reporter.example.com reaches this reporter' })
  })

  test('once immediately in each ingress outage, then every minute', async () => {
    const it = world()
    await it.pass(10)
    it.outage(true)
    await it.pass(1)
    expect(it.asked).toBe(2)
    await it.pass(59)
    expect(it.asked).toBe(2)
    await it.pass(1)
    expect(it.asked).toBe(3)
    it.outage(false)
    await it.pass(5)
    it.outage(true)
    await it.pass(1)
    expect(it.asked).toBe(4)
  })

  test('not at all if that is switched off', async () => {
    const without = createPublicUrlWatch({
      url: undefined,
      clock: { now: () => 0, elapsed: () => 0 },
      log: { info: () => {}, warn: () => {} } as never,
      ingress: { outageSince: () => 1 },
      reports: { acceptedAt: () => undefined },
      ask: () => Promise.reject(new Error('asked')),
    })
    await without.runOnce()
    expect(without.check()).toEqual({ ok: true, detail: 'is not checked' })
    expect(without.cause()).toBeUndefined()
  })

  test('not again while it has not answered, and no more after a stop', async () => {
    let aborted = false
    let asked = 0
    const watch = createPublicUrlWatch({
      url: URL,
      clock: { now: () => 0, elapsed: () => asked * 1e9 },
      log: { info: () => {}, warn: () => {} } as never,
      ingress: { outageSince: () => null },
      reports: { acceptedAt: () => undefined },
      repeat: (_, job) => {
        job()
        job()
        return () => {}
      },
      ask: (_, signal) => {
        asked += 1
        return new Promise((__, reject) => {
          signal.addEventListener('abort', () => {
            aborted = true
            reject(new Error('aborted'))
          })
        })
      },
    })
    watch.start()
    expect(asked).toBe(1)
    await watch.stop()
    expect(aborted).toBe(true)
    expect(watch.check().detail).toBe('has not been asked yet')
  })
})

describe('an address that reaches no reporter', () => {
  test('fails the check, with the cause, until it does', async () => {
    const it = world()
    it.answers(EXPIRED)
    await it.pass(1)
    expect(it.check()).toMatchObject({ ok: false, detail: expect.stringContaining('has expired: renew it') })
    it.answers('ours')
    await it.pass(60)
    expect(it.check().ok).toBe(true)
  })

  test('is no more than information while pages report: perhaps only this machine cannot reach it', async () => {
    const it = world()
    it.report()
    it.answers(REFUSED)
    await it.pass(1)
    expect(it.check().ok, 'the last report may have been sent before').toBe(false)
    await it.pass(10)
    it.report()
    expect(it.check()).toMatchObject({
      ok: true,
      detail: expect.stringContaining('pages do report, so only the reporter itself cannot reach it'),
    })
    await it.pass(299)
    expect(it.check().ok).toBe(true)
    await it.pass(1)
    expect(it.check().ok, 'no page has reported for longer than any interval').toBe(false)
    it.report()
    it.outage(true)
    expect(it.check().ok).toBe(false)
  })

  test('is named to the recordings whose reports are not received', async () => {
    const it = world()
    expect(it.watch.cause()).toBeUndefined()
    it.answers({ status: 404, body: 'Not Found', server: 'nginx' })
    await it.pass(1)
    expect(it.watch.cause()).toMatch(/^The reporter cannot reach PUBLIC_URL either: .*404.*nginx/)
    it.answers('ours')
    await it.pass(60)
    expect(it.watch.cause()).toMatch(/^The reporter itself reaches PUBLIC_URL.*way from the pages/)
  })
})

test('a certificate that expires soon fails the check although the address reaches the reporter', async () => {
  const it = world()
  it.answers({ certificateEnds: (1_000_000 + 14 * 86_400) * 1000 })
  await it.pass(1)
  expect(it.check()).toMatchObject({ ok: false, detail: expect.stringContaining('expires in 13 days') })
  it.answers({ certificateEnds: (1_000_000 + 15 * 86_400) * 1000 })
  await it.pass(60)
  expect(it.check()).toMatchObject({ ok: true, detail: expect.stringContaining('valid for 14 days') })
})

describe('the log', () => {
  test('has a line for each change, and none for what stays', async () => {
    const it = world()
    await it.pass(180)
    it.answers(REFUSED)
    await it.pass(300)
    it.answers('ours')
    await it.pass(60)
    expect(it.lines.map(({ level }) => level)).toEqual(['info', 'warn', 'info'])
    expect(it.lines[1]?.message).toMatch(/refuses connections.*If pages report all the same/)
  })

  test('has at most one line a minute', async () => {
    const it = world()
    await it.pass(10)
    it.answers(EXPIRED)
    it.outage(true)
    await it.pass(1)
    expect(it.lines).toHaveLength(1)
    await it.pass(60)
    expect(it.lines).toHaveLength(2)
  })
})
