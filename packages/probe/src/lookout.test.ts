import { describe, expect, test, vi } from 'vitest'
import type { ProbeEnvironment } from './environment.ts'
import { createLookout } from './lookout.ts'
import type { Watch } from './watchTypes.ts'

const watch = { add: vi.fn(), look: vi.fn() } as Partial<Watch> as Watch

describe('the second file', () => {
  test('is asked for again after 1 s, 2 s …, each time as another try, and the first failure is told', async () => {
    let now = 0
    const tries: [at: number, failures: number][] = []
    const loadWatch = async (failures: number) => {
      tries.push([now, failures])
      if (failures < 2) throw new TypeError('no network')
      return { createWatch: () => watch }
    }
    const clock = { now: () => now } as ProbeEnvironment['clock']
    const tell = vi.fn()
    const lookout = createLookout(
      { window, clock, random: () => 0, loadWatch } as Partial<ProbeEnvironment> as ProbeEnvironment,
      { stall: undefined, isReady: () => false },
      tell,
    )
    lookout.expect({ expect: ['#board'] }, false)
    const details: (string | undefined)[] = []
    for (; !lookout.watch && now < 10_000; now += 250) {
      const { checks } = lookout.look(250, false, true)
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
    expect(tell).toHaveBeenCalledOnce()
    expect(watch.add).toHaveBeenCalledWith([{ element: '#board' }], 0, false)
  })
})
