import { describe, expect, test } from 'vitest'
import { createMemory } from './memoryStore.ts'

describe('a store in memory whose process has died', () => {
  test('rolls back, never resolves a pending call, and serves the next process', async () => {
    const memory = createMemory()
    const [first, second] = [memory.connect(), memory.connect()]
    let resolved = false
    const work = first.transaction(async (operations) => {
      await operations.writeTick(7)
      first.disconnect()
      await operations.writeTick(8)
    })
    const seenByOther = second.readTick()
    for (const pending of [work, first.readTick()]) {
      void pending.then(() => {
        resolved = true
      })
    }
    expect(await seenByOther).toBeUndefined()
    await second.transaction((operations) => operations.writeTick(9))
    expect(await second.readTick()).toBe(9)
    expect(resolved).toBe(false)
  })
})
