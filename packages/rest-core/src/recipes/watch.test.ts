import { describe, expect, test } from 'vitest'
import type { Mode } from '../requests/identity.ts'
import { task } from '../testing/examples.ts'
import { coded, failing, notFound, type Rig, repeated, rig, status, type Timed } from './testing/rig.ts'
import { type Liveness, type WatchOptions, watch } from './watch.ts'

interface Watched {
  seen: Liveness[]
  kinds: string
  times: number[]
  endedAt: number
}

/** Watches until the watch or the script ends. */
const watchAll = async (
  script: Timed[],
  options: WatchOptions = {},
  prepare: (rig: Rig) => void = () => {},
): Promise<Watched> => {
  const set = rig(script)
  prepare(set)
  const seen: Liveness[] = []
  const all = async (): Promise<void> => {
    for await (const observation of watch(set.client, task, options)) {
      seen.push(observation)
      if (seen.length === script.length) break
    }
  }
  await set.run(all())
  return {
    seen,
    kinds: seen.map(({ kind }) => kind[0]).join(''),
    times: set.times,
    endedAt: set.clock.seconds(),
  }
}

describe('alive', () => {
  test('queries immediately and then every 120 s, and yields status and files', async () => {
    const { seen, times } = await watchAll([status(5), status(4, 'a.m3u8'), status(1)])
    expect(times).toEqual([0, 120, 240])
    expect(seen).toEqual([
      { kind: 'alive', status: 5, files: [] },
      { kind: 'alive', status: 4, files: [{ fileName: 'a.m3u8' }] },
      { kind: 'alive', status: 1, files: [] },
    ])
  })

  test('queries at the given interval', async () => {
    expect((await watchAll([status(5), status(5), status(5)], { interval: 40 })).times).toEqual([0, 40, 80])
  })
})

describe('404', () => {
  test('is queried again after 5, 10, 15 s, then every 15 s, and means ended after 90 s', async () => {
    const { seen, kinds, times } = await watchAll([status(5), ...repeated(8, notFound)])
    expect(times).toEqual([0, 120, 125, 135, 150, 165, 180, 195, 210])
    expect(kinds).toBe('auuuuuuue')
    expect(seen[1]).toMatchObject({ kind: 'unclear', notFound: true })
    expect(seen.at(-1)).toMatchObject({ kind: 'ended', files: [], error: { status: 404, code: 404 } })
  })

  test('is forgotten when the failover is over: the next 404 starts a new run', async () => {
    const { kinds, times } = await watchAll([...repeated(7, notFound), status(5), notFound, notFound])
    expect(kinds).toBe('uuuuuuuauu')
    expect(times.slice(-3)).toEqual([90, 210, 215])
  })

  test('means ended only after 5, 10 and 15 s, however short the window is', async () => {
    const { kinds, times } = await watchAll(repeated(4, notFound), { failoverWindow: 0 })
    expect(times).toEqual([0, 5, 15, 30])
    expect(kinds).toBe('uuue')
  })

  test('a 50x between two 404s adds its wait and changes nothing else', async () => {
    const script = [notFound, failing, ...repeated(3, notFound)]
    const { kinds, times } = await watchAll(script, { failoverWindow: 35 })
    expect(times).toEqual([0, 5, 10, 20, 35])
    expect(kinds).toBe('uuuue')
  })

  test('an outage before the first 404 does not count', async () => {
    const { kinds } = await watchAll([...repeated(5, failing), ...repeated(8, notFound)])
    expect(kinds).toBe('uuuuuuuuuuuue')
  })

  test('a single 404 after a long outage does not mean ended', async () => {
    const { kinds } = await watchAll([notFound, ...repeated(6, failing), notFound])
    expect(kinds).toBe('uuuuuuuu')
  })
})

test.each([7, 8, 20])('status %i means ended', async (value) => {
  const { seen, times } = await watchAll([status(5), status(value, 'a.m3u8')])
  expect(seen.at(-1)).toEqual({ kind: 'ended', status: value, files: [{ fileName: 'a.m3u8' }] })
  expect(times).toEqual([0, 120])
})

describe('unclear', () => {
  test('50x are followed by queries after 5, 10, 15, 30 s, then at the interval, and never mean ended', async () => {
    const { seen, kinds, times } = await watchAll([...repeated(7, failing), status(5), failing, failing])
    expect(times).toEqual([0, 5, 15, 30, 60, 180, 300, 420, 540, 545])
    expect(kinds).toBe('uuuuuuuauu')
    expect(seen[0]).toMatchObject({ notFound: false, error: { status: 504, code: 62 } })
  })

  test('a 404 resets the backoff of 50x', async () => {
    const { times } = await watchAll([failing, failing, notFound, failing, failing])
    expect(times).toEqual([0, 5, 15, 20, 25])
  })

  test('206/65 and 429 have delays of their own', async () => {
    const limited: Timed = { status: 429, json: {}, headers: { 'retry-after': '7' } }
    expect((await watchAll([coded(206, 65), status(5)])).times).toEqual([0, 3])
    expect((await watchAll([limited, status(5)])).times).toEqual([0, 7])
  })

  test.each([400, 401, 403])('a refusal (%i) rejects: a retry would fail again', async (status) => {
    await expect(watchAll([{ status, json: { code: 2, reason: 'no' } }])).rejects.toMatchObject({ status })
  })
})

describe('an abort', () => {
  test('ends a wait and a query', async () => {
    for (const [second, script] of [
      [50, [status(5)]],
      [121, [status(5), { ...status(5), takes: 9 }]],
    ] as const) {
      const abort = new AbortController()
      const prepare = ({ clock }: Rig): void => clock.at(second, () => abort.abort())
      const set = rig([...script])
      prepare(set)
      const all = async (): Promise<Liveness[]> => {
        const seen: Liveness[] = []
        for await (const each of watch(set.client, task, { signal: abort.signal })) seen.push(each)
        return seen
      }
      expect(await set.run(all())).toHaveLength(1)
      expect(set.clock.seconds()).toBe(second)
    }
  })

  test('before the first query: nothing is sent', async () => {
    expect((await watchAll([], { signal: AbortSignal.abort() })).seen).toEqual([])
  })
})

describe('the interval', () => {
  const watchIn =
    (mode: Mode, options?: WatchOptions): (() => unknown) =>
    () =>
      watch(rig([]).client, { ...task, mode }, options)

  test.each([
    ['mix', undefined, 22.5],
    ['individual', 300, 120],
    ['mix', 40, 30],
    ['web', undefined, 120],
  ] as const)('in %s mode with maxIdleTime %s is %d s', async (mode, maxIdleTime, expected) => {
    const set = rig([status(5), status(5)])
    const iterator = watch(set.client, { ...task, mode }, { maxIdleTime })
    await set.clock.run(iterator.next())
    await set.clock.run(iterator.next())
    expect(set.times).toEqual([0, expected])
  })

  test('must be above 0 and, in RTC modes, below maxIdleTime', () => {
    expect(watchIn('mix', { interval: 30 })).toThrow(RangeError)
    expect(watchIn('individual', { interval: 300, maxIdleTime: 300 })).toThrow('maxIdleTime (300 s)')
    expect(watchIn('web', { interval: 0 })).toThrow(RangeError)
    expect(watchIn('web', { interval: 1000 })).not.toThrow()
  })
})

test('an invalid address rejects', async () => {
  const { client } = rig([])
  await expect(watch(client, { ...task, resourceId: '' }).next()).rejects.toThrow('resourceId')
})
