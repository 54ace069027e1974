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

describe('confirmed', () => {
  test.each([4, 5])('status %i, 5 s after the start', async (value) => {
    const { result, times } = await confirm([status(value)])
    expect(result).toMatchObject({ outcome: 'confirmed', status: value, evidence: [{ after: 5 }] })
    expect(times).toEqual([5])
  })

  test('asked after 5 s, then 5, 10, 15 s, then every 15 s', async () => {
    const { result, times: asked } = await confirm([...repeated(6, status(2)), status(5)])
    expect(result.outcome).toBe('confirmed')
    expect(asked).toEqual([5, 10, 20, 35, 50, 65, 80])
  })

  test('after 404s inside the failover window, and after 50x', async () => {
    const { result } = await confirm([notFound, notFound, failing, notFound, status(5)])
    expect(result.outcome).toBe('confirmed')
    expect(result.evidence.map(({ sighting }) => sighting.kind)).toEqual([
      'notFound',
      'notFound',
      'unclear',
      'notFound',
      'status',
    ])
  })
})

describe('gone', () => {
  test.each([7, 8, 20])('status %i, at once', async (value) => {
    const { result, times } = await confirm([notFound, status(value)])
    expect(result.outcome).toBe('gone')
    expect(times).toEqual([5, 10])
  })

  test('404 from the first query to the last, and not before 90 s', async () => {
    const { result, endedAt } = await confirm(repeated(7, notFound))
    expect(result.outcome).toBe('gone')
    expect(endedAt).toBe(90)
  })

  test('50x between the 404s change nothing', async () => {
    const { result } = await confirm([notFound, failing, failing, failing, failing, failing, notFound])
    expect(result.outcome).toBe('gone')
  })
})

describe('unconfirmed', () => {
  test('50x throughout, up to 90 s', async () => {
    const { result, endedAt } = await confirm(repeated(7, failing))
    expect(result).toMatchObject({ outcome: 'unconfirmed', aborted: false })
    expect(result.evidence).toHaveLength(7)
    expect(endedAt).toBe(90)
  })

  test('started but never ready; asked to stop but not stopped', async () => {
    for (const value of [0, 1, 2, 3, 6]) {
      expect((await confirm(repeated(7, status(value)))).result.outcome).toBe('unconfirmed')
    }
  })

  test('404 after it was seen: it may be failing over', async () => {
    const { result } = await confirm([status(3), ...repeated(6, notFound)])
    expect(result.outcome).toBe('unconfirmed')
  })

  test('404s for less than 5 + 10 + 15 s, or not up to the end', async () => {
    const late = [...repeated(5, failing), notFound, notFound]
    expect((await confirm(late)).result.outcome).toBe('unconfirmed')
    const early = [...repeated(6, notFound), failing]
    expect((await confirm(early)).result.outcome).toBe('unconfirmed')
  })

  test('a host that does not answer cannot stretch the limit', async () => {
    const { result, times, endedAt } = await confirm([notFound, { ...status(5), takes: 600 }])
    expect(result).toMatchObject({ outcome: 'unconfirmed', aborted: false })
    expect(result.evidence).toHaveLength(1)
    expect(times).toEqual([5, 10])
    expect(endedAt).toBe(90)
  })

  test('a limit of its own', async () => {
    const { result, endedAt } = await confirm(repeated(2, failing), { limit: 18 })
    expect(result.outcome).toBe('unconfirmed')
    expect(endedAt).toBe(18)
  })
})

test.each([400, 401, 403])(
  'a refused query (%i) is thrown: asking again would change nothing',
  async (refusal) => {
    const script: Timed[] = [{ status: refusal, json: { code: 2, reason: 'no' } }]
    await expect(confirm(script)).rejects.toMatchObject({ status: refusal })
  },
)

describe('abort', () => {
  test('while waiting and while asking; no timer is left', async () => {
    for (const [second, script] of [
      [7, [failing]],
      [12, [failing, { ...status(5), takes: 30 }]],
    ] as const) {
      const abort = new AbortController()
      const prepare = ({ clock }: Rig): void => clock.at(second, () => abort.abort())
      const { result, endedAt } = await confirm([...script], { signal: abort.signal }, prepare)
      expect(result).toMatchObject({ outcome: 'unconfirmed', aborted: true })
      expect(result.evidence).toHaveLength(1)
      expect(endedAt).toBe(second)
    }
  })

  test('404s up to an abort are no death', async () => {
    const abort = new AbortController()
    const prepare = ({ clock }: Rig): void => clock.at(60, () => abort.abort())
    const { result } = await confirm(repeated(5, notFound), { signal: abort.signal }, prepare)
    expect(result).toMatchObject({ outcome: 'unconfirmed', aborted: true })
  })
})

test('a wrong address rejects instead of lasting 90 s', async () => {
  const { client, clock } = rig([])
  const confirmation = confirmStarted(client, { ...task, sid: '' })
  await expect(clock.run(confirmation)).rejects.toThrow(InvalidRequestError)
  expect(clock.pending()).toBe(0)
})
