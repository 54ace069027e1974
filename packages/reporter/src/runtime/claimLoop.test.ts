import { expect, test, vi } from 'vitest'
import { createClaimLoop } from './claimLoop.ts'

/** A loop whose passes end when the test says so. */
const openLoop = () => {
  const passes: { end(): void; fail(err: Error): void }[] = []
  const running = new Set<Promise<void>>()
  const onError = vi.fn()
  let poll = (): void => {}
  let polls = false
  const loop = createClaimLoop({
    claim: () =>
      new Promise<void>((resolve, reject) => {
        passes.push({ end: resolve, fail: reject })
      }),
    onError,
    running: () => [...running],
    repeat: (_ms, job) => {
      poll = job
      polls = true
      return () => {
        polls = false
      }
    },
  })
  const endPass = async (index: number): Promise<void> => {
    passes[index]?.end()
    await settle()
  }
  return { loop, passes, endPass, running, onError, poll: () => poll(), polls: () => polls }
}

const settle = () => new Promise((resolve) => setImmediate(resolve))

test('claims when it begins, at each poll and at each poke, one pass at a time', async () => {
  const { loop, passes, endPass, poll } = openLoop()
  loop.poke()
  expect([passes.length, loop.isAccepting()], 'before it begins').toEqual([0, false])
  loop.begin()
  expect([passes.length, loop.isAccepting()]).toEqual([1, true])
  for (let n = 0; n < 3; n += 1) loop.poke()
  expect(passes).toHaveLength(1)
  await endPass(0)
  expect(passes, 'one for all pokes during a pass').toHaveLength(2)
  await endPass(1)
  expect(passes).toHaveLength(2)
  poll()
  expect(passes).toHaveLength(3)
})

test('goes on after a pass that fails', async () => {
  const { loop, passes, onError } = openLoop()
  loop.begin()
  loop.poke()
  passes[0]?.fail(new Error('injected'))
  await settle()
  expect(onError).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ message: 'injected' }))
  expect(passes, 'for the poke during it').toHaveLength(2)
})

test('claims nothing once it is ended, and waits for what is running, also for what comes of the last pass', async () => {
  const { loop, passes, endPass, running, polls } = openLoop()
  loop.begin()
  let finish = (): void => {}
  const job = new Promise<void>((resolve) => {
    finish = resolve
  }).finally(() => running.delete(job))
  const ended = vi.fn()
  void loop.end().then(ended)
  expect([loop.isAccepting(), polls()]).toEqual([false, false])
  running.add(job)
  await endPass(0)
  loop.poke()
  expect(passes).toHaveLength(1)
  expect(ended).not.toHaveBeenCalled()
  finish()
  await settle()
  expect(ended).toHaveBeenCalledOnce()
  await loop.idle()
})

test('waits for no longer than its timeout', async () => {
  const { loop } = openLoop()
  loop.begin()
  await loop.end(1)
  expect(loop.isAccepting()).toBe(false)
})
