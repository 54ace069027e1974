import { describe, expect, test, vi } from 'vitest'
import type { ProbeEnvironment } from './environment.ts'
import { createWatchLoader } from './watchLoader.ts'
import type { Watch } from './watchTypes.ts'

const watch = { add: vi.fn(), poll: vi.fn() } as Partial<Watch> as Watch

describe('the second file', () => {
  test('is requested again after 1, 2 … s, under another URL each time, and only the first failure is reported', async () => {
    let now = 0
    const tries: [at: number, failures: number][] = []
    const loadWatch = async (failures: number) => {
      tries.push([now, failures])
      if (failures < 2) throw new TypeError('no network')
      return { createWatch: () => watch }
    }
    const clock = { now: () => now } as ProbeEnvironment['clock']
    const onInternalError = vi.fn()
    const loader = createWatchLoader(
      { window, clock, random: () => 0, loadWatch } as Partial<ProbeEnvironment> as ProbeEnvironment,
      { stall: undefined, isReady: () => false },
      onInternalError,
    )
    loader.expect({ expect: ['#board'] }, false)
    const details: (string | undefined)[] = []
    for (; !loader.watch && now < 10_000; now += 250) {
      const { checks } = loader.poll({ at: now, periodMs: 250, loaded: false, painted: true })
      details.push(checks[0]?.detail)
      await Promise.resolve()
      await Promise.resolve()
    }
    expect(tries).toEqual([
      [0, 0],
      [1000, 1],
      [3000, 2],
    ])
    expect(details.slice(0, 2)).toEqual(['is being loaded', 'cannot be loaded: TypeError: no network'])
    expect(onInternalError).toHaveBeenCalledOnce()
    expect(watch.add).toHaveBeenCalledWith({ expect: ['#board'] }, 0, false)
  })
})
