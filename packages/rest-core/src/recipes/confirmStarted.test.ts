import { describe, expect, test } from 'vitest'
import { InvalidRequestError } from '../errors.ts'
import { task } from '../testing/examples.ts'
import { type ConfirmOptions, type ConfirmResult, confirmStarted } from './confirmStarted.ts'
import { failing, notFound, type Rig, repeated, rig, status, type Timed } from './testing/rig.ts'

const confirm = async (
  script: Timed[],
  options?: ConfirmOptions,
  prepare: (rig: Rig) => void = () => {},
): Promise<{ result: ConfirmResult; times: number[]; endedAt: number }> => {
  const set = rig(script)
  prepare(set)
  const result = await set.run(confirmStarted(set.client, task, options))
  return { result, times: set.times, endedAt: set.clock.seconds() }
}

describe('outcome confirmed', () => {
  test.each([4, 5])('a query 5 s after the start answers status %i', async (value) => {
    const { result, times } = await confirm([status(value)])
    expect(result).toMatchObject({ outcome: 'confirmed', status: value, queries: [{ after: 5 }] })
    expect(times).toEqual([5])
  })

  test('queries follow after 5 s, then 5, 10, 15 s, then every 15 s', async () => {
    const { result, times } = await confirm([...repeated(6, status(2)), status(5)])
    expect(result.outcome).toBe('confirmed')
    expect(times).toEqual([5, 10, 20, 35, 50, 65, 80])
  })

  test('404s within the failover window and 50x come first', async () => {
    const { result } = await confirm([notFound, notFound, failing, notFound, status(5)])
    expect(result.outcome).toBe('confirmed')
    expect(result.queries.map(({ result }) => result.kind)).toEqual([
      'notFound',
      'notFound',
      'unclear',
      'notFound',
      'status',
    ])
  })
})

describe('outcome notRunning', () => {
  test.each([7, 8, 20])('a query answers status %i', async (value) => {
    const { result, times } = await confirm([notFound, status(value)])
    expect(result.outcome).toBe('notRunning')
    expect(times).toEqual([5, 10])
  })

  test('every query answers 404 for 90 s', async () => {
    const { result, endedAt } = await confirm(repeated(7, notFound))
    expect(result.outcome).toBe('notRunning')
    expect(endedAt).toBe(90)
  })

  test('50x between the 404s change nothing', async () => {
    const { result } = await confirm([notFound, failing, failing, failing, failing, failing, notFound])
    expect(result.outcome).toBe('notRunning')
  })
})

describe('outcome unconfirmed', () => {
  test('every query answers 50x for 90 s', async () => {
    const { result, endedAt } = await confirm(repeated(7, failing))
    expect(result).toMatchObject({ outcome: 'unconfirmed', aborted: false })
    expect(result.queries).toHaveLength(7)
    expect(endedAt).toBe(90)
  })

  test('the status stays below 4, or is 6 (stop requested)', async () => {
    for (const value of [0, 1, 2, 3, 6]) {
      expect((await confirm(repeated(7, status(value)))).result.outcome).toBe('unconfirmed')
    }
  })

  test('404s follow a status: the task may be failing over', async () => {
    const { result } = await confirm([status(3), ...repeated(6, notFound)])
    expect(result.outcome).toBe('unconfirmed')
  })

  test('404s last less than 5 + 10 + 15 s, or stop before the limit', async () => {
    const late = [...repeated(5, failing), notFound, notFound]
    expect((await confirm(late)).result.outcome).toBe('unconfirmed')
    const early = [...repeated(6, notFound), failing]
    expect((await confirm(early)).result.outcome).toBe('unconfirmed')
  })

  test('a host that does not answer cannot extend the limit', async () => {
    const { result, times, endedAt } = await confirm([notFound, { ...status(5), takes: 600 }])
    expect(result).toMatchObject({ outcome: 'unconfirmed', aborted: false })
    expect(result.queries).toHaveLength(1)
    expect(times).toEqual([5, 10])
    expect(endedAt).toBe(90)
  })

  test('the limit can be set', async () => {
    const { result, endedAt } = await confirm(repeated(2, failing), { limit: 18 })
    expect(result.outcome).toBe('unconfirmed')
    expect(endedAt).toBe(18)
  })
})

test.each([400, 401, 403])('a refused query (%i) rejects: a retry would fail again', async (refusal) => {
  const script: Timed[] = [{ status: refusal, json: { code: 2, reason: 'no' } }]
  await expect(confirm(script)).rejects.toMatchObject({ status: refusal })
})

describe('abort', () => {
  test('ends a wait and a query, and leaves no timer', async () => {
    for (const [second, script] of [
      [7, [failing]],
      [12, [failing, { ...status(5), takes: 30 }]],
    ] as const) {
      const abort = new AbortController()
      const prepare = ({ clock }: Rig): void => clock.at(second, () => abort.abort())
      const { result, endedAt } = await confirm([...script], { signal: abort.signal }, prepare)
      expect(result).toMatchObject({ outcome: 'unconfirmed', aborted: true })
      expect(result.queries).toHaveLength(1)
      expect(endedAt).toBe(second)
    }
  })

  test('404s up to an abort do not mean that the task has ended', async () => {
    const abort = new AbortController()
    const prepare = ({ clock }: Rig): void => clock.at(60, () => abort.abort())
    const { result } = await confirm(repeated(5, notFound), { signal: abort.signal }, prepare)
    expect(result).toMatchObject({ outcome: 'unconfirmed', aborted: true })
  })
})

test('an invalid address rejects immediately', async () => {
  const { client, clock } = rig([])
  const confirmation = confirmStarted(client, { ...task, sid: '' })
  await expect(clock.run(confirmation)).rejects.toThrow(InvalidRequestError)
  expect(clock.pending()).toBe(0)
})
