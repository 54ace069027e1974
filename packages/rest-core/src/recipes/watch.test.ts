import { describe, expect, test } from 'vitest'
import type { Mode } from '../requests/identity.ts'
import { task } from '../testing/examples.ts'
import { coded, failing, notFound, type Rig, repeated, rig, status, type Timed } from './testing/rig.ts'
import { type Observation, type WatchOptions, watch } from './watch.ts'

interface Watched {
  seen: Observation[]
  kinds: string
  times: number[]
  endedAt: number
}

/** Watches until the watch ends by itself, or the script does. */
const watchAll = async (
  script: Timed[],
  options: WatchOptions = {},
  prepare: (rig: Rig) => void = () => {},
): Promise<Watched> => {
  const set = rig(script)
  prepare(set)
  const seen: Observation[] = []
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
  test('at once and then every 120 s, with status and files', async () => {
    const { seen, times } = await watchAll([status(5), status(4, 'a.m3u8'), status(1)])
    expect(times).toEqual([0, 120, 240])
    expect(seen).toEqual([
      { kind: 'alive', status: 5, files: [] },
      { kind: 'alive', status: 4, files: [{ fileName: 'a.m3u8' }] },
      { kind: 'alive', status: 1, files: [] },
    ])
  })

  test('every interval that is asked for', async () => {
    expect((await watchAll([status(5), status(5), status(5)], { interval: 40 })).times).toEqual([0, 40, 80])
  })
})

describe('404', () => {
  test('again after 5, 10, 15 s, then every 15 s; gone when it was so for 90 s', async () => {
    const { seen, kinds, times: asked } = await watchAll([status(5), ...repeated(8, notFound)])
    expect(asked).toEqual([0, 120, 125, 135, 150, 165, 180, 195, 210])
    expect(kinds).toBe('auuuuuuug')
    expect(seen[1]).toMatchObject({ kind: 'unclear', notFound: true })
    expect(seen.at(-1)).toMatchObject({ kind: 'gone', files: [], error: { status: 404, code: 404 } })
  })

  test('a failover that ends makes it alive, and the next 404 begins anew', async () => {
    const { kinds, times: asked } = await watchAll([...repeated(7, notFound), status(5), notFound, notFound])
    expect(kinds).toBe('uuuuuuuauu')
    expect(asked.slice(-3)).toEqual([90, 210, 215])
  })

  test('a shorter window: still after 5, 10 and 15 s', async () => {
    const { kinds, times: asked } = await watchAll(repeated(4, notFound), { failoverWindow: 0 })
    expect(asked).toEqual([0, 5, 15, 30])
    expect(kinds).toBe('uuug')
  })

  test('a 50x in between takes its time and says nothing', async () => {
    const script = [notFound, failing, ...repeated(3, notFound)]
    const { kinds, times: asked } = await watchAll(script, { failoverWindow: 35 })
    expect(asked).toEqual([0, 5, 10, 20, 35])
    expect(kinds).toBe('uuuug')
  })

  test('an outage before the first 404 does not count', async () => {
    const { kinds } = await watchAll([...repeated(5, failing), ...repeated(8, notFound)])
    expect(kinds).toBe('uuuuuuuuuuuug')
  })

  test('one 404 after a long outage of the service is not believed', async () => {
    const { kinds } = await watchAll([notFound, ...repeated(6, failing), notFound])
    expect(kinds).toBe('uuuuuuuu')
  })
})

test.each([7, 8, 20])('status %i is the end', async (value) => {
  const { seen, times } = await watchAll([status(5), status(value, 'a.m3u8')])
  expect(seen.at(-1)).toEqual({ kind: 'gone', status: value, files: [{ fileName: 'a.m3u8' }] })
  expect(times).toEqual([0, 120])
})

describe('unclear', () => {
  test('50x: again after 5, 10, 15, 30 s, then at the interval, and never the end', async () => {
    const {
      seen,
      kinds,
      times: asked,
    } = await watchAll([...repeated(7, failing), status(5), failing, failing])
    expect(asked).toEqual([0, 5, 15, 30, 60, 180, 300, 420, 540, 545])
    expect(kinds).toBe('uuuuuuuauu')
    expect(seen[0]).toMatchObject({ notFound: false, error: { status: 504, code: 62 } })
  })

  test('a 404 is an answer: the next 50x is asked about after 5 s again', async () => {
    const { times: asked } = await watchAll([failing, failing, notFound, failing, failing])
    expect(asked).toEqual([0, 5, 15, 20, 25])
  })

  test('65 and 429 after their own delays', async () => {
    const limited: Timed = { status: 429, json: {}, headers: { 'retry-after': '7' } }
    expect((await watchAll([coded(206, 65), status(5)])).times).toEqual([0, 3])
    expect((await watchAll([limited, status(5)])).times).toEqual([0, 7])
  })

  test.each([400, 401, 403])(
    'a refusal (%i) is thrown: asking again would change nothing',
    async (status) => {
      await expect(watchAll([{ status, json: { code: 2, reason: 'no' } }])).rejects.toMatchObject({ status })
    },
  )
})

describe('the end by abort', () => {
  test('while waiting, and while asking', async () => {
    for (const [second, script] of [
      [50, [status(5)]],
      [121, [status(5), { ...status(5), takes: 9 }]],
    ] as const) {
      const abort = new AbortController()
      const prepare = ({ clock }: Rig): void => clock.at(second, () => abort.abort())
      const set = rig([...script])
      prepare(set)
      const all = async (): Promise<Observation[]> => {
        const seen: Observation[] = []
        for await (const each of watch(set.client, task, { signal: abort.signal })) seen.push(each)
        return seen
      }
      expect(await set.run(all())).toHaveLength(1)
      expect(set.clock.seconds()).toBe(second)
    }
  })

  test('before it begins: nothing is asked', async () => {
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
  ] as const)('%s, maxIdleTime %s: %d s', async (mode, maxIdleTime, expected) => {
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

test('a wrong address rejects instead of being unclear for ever', async () => {
  const { client } = rig([])
  await expect(watch(client, { ...task, resourceId: '' }).next()).rejects.toThrow('resourceId')
})
