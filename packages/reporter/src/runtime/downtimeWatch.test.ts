import { describe, expect, test } from 'vitest'
import { createLog } from '../log.ts'
import type { Store } from '../store/store.ts'
import type { Downtime } from '../store/types.ts'
import { createMemory } from '../testing/memoryStore.ts'
import { createDowntimeWatch, type DowntimeWatch } from './downtimeWatch.ts'

interface World {
  watch: DowntimeWatch
  store: Store
  /** What was stored, in order. */
  added: (Downtime | undefined)[]
  /** Advances both clocks. */
  run(ms: number): void
  /** Advances only the wall clock, or moves it back. */
  step(ms: number): void
  /** The machine sleeps: the monotonic clock stands still. */
  sleep(ms: number): void
  breakStore(isBroken: boolean): void
}

const createWorld = (memory = createMemory()): World => {
  let [now, elapsed, isBroken] = [1_000_000, 0, false]
  const store = memory.connect()
  const added: World['added'] = []
  const watch = createDowntimeWatch({
    store: {
      ...store,
      addDowntime: (...args) =>
        isBroken ? Promise.reject(new Error('injected')) : store.addDowntime(...args),
    },
    clock: { now: () => now, elapsed: () => elapsed },
    log: createLog('silent'),
    onStored: (_downtimes, downtime) => added.push(downtime),
  })
  const step = (ms: number): void => {
    now += ms
  }
  const run = (ms: number): void => {
    step(ms)
    elapsed += ms
  }
  const breakStore = (broken: boolean): void => {
    isBroken = broken
  }
  return { watch, store, added, run, step, sleep: step, breakStore }
}

describe('a process that runs', () => {
  test('has no downtime, however long it runs', () => {
    const { watch, run } = createWorld()
    for (let count = 0; count < 100; count += 1) {
      run(4999)
      expect(watch.check()).toBe(false)
    }
  })

  test('has none if its clock is corrected a little', () => {
    const { watch, run, step } = createWorld()
    watch.check()
    run(500)
    step(-1000)
    expect(watch.check()).toBe(false)
  })
})

describe.each<[string, (world: World) => void, Downtime]>([
  ['was suspended', ({ run }) => run(5001), { downtimeMs: 5001, clockStepBackMs: 0 }],
  ['slept with its machine', ({ sleep }) => sleep(60_000), { downtimeMs: 60_000, clockStepBackMs: 0 }],
  [
    'has a wall clock that stepped back',
    ({ run, step }) => {
      run(100)
      step(-3_600_000)
    },
    { downtimeMs: 100, clockStepBackMs: 3_600_000 },
  ],
])('a process that %s', (_what, happen, downtime) => {
  test('notices it, and stores it once', async () => {
    const world = createWorld()
    world.watch.check()
    happen(world)
    expect(world.watch.check()).toBe(true)
    expect(world.watch.check()).toBe(true)
    await Promise.all([world.watch.settle(), world.watch.settle()])
    expect(world.watch.check()).toBe(false)
    expect(world.added).toEqual([downtime])
    expect(await world.store.readDowntimes()).toMatchObject({ count: 1, ...downtime })
  })

  test('stores it later if the store fails, together with what happened meanwhile', async () => {
    const world = createWorld()
    world.watch.check()
    happen(world)
    world.breakStore(true)
    await expect(world.watch.settle()).rejects.toThrow('injected')
    expect(world.watch.check()).toBe(true)
    world.run(9000)
    await expect(world.watch.settle()).rejects.toThrow('injected')
    world.breakStore(false)
    await world.watch.settle()
    const { downtimeMs, clockStepBackMs } = downtime
    expect(world.added).toEqual([{ downtimeMs: downtimeMs + 9000, clockStepBackMs }])
  })
})

describe('at the start', () => {
  test('of the first reporter nothing was missed', async () => {
    const { watch, store, added } = createWorld()
    await watch.begin()
    expect(added).toEqual([undefined])
    expect(await store.readDowntimes()).toMatchObject({ count: 0 })
    expect(await store.readTick()).toBe(1_000_000)
  })

  test.each([
    ['that ran 10 s ago', 990_000, { downtimeMs: 10_000, clockStepBackMs: 0 }],
    ['that ran by a clock an hour ahead', 4_600_000, { downtimeMs: 0, clockStepBackMs: 3_600_000 }],
  ])(
    'the time since a reporter %s is stored, and a crash right after it does not store it again',
    async (_what, tick, downtime) => {
      const memory = createMemory()
      await memory.connect().writeTick(tick)
      const first = createWorld(memory)
      await first.watch.begin()
      expect(first.added).toEqual([undefined, downtime])
      const second = createWorld(memory)
      await second.watch.begin()
      expect(second.added.at(-1)).toEqual({ downtimeMs: 0, clockStepBackMs: 0 })
      expect(await second.store.readDowntimes()).toMatchObject({ count: 2, ...downtime })
    },
  )
})
