import { expect, test } from 'vitest'
import { createSerial } from './serial.ts'

test('runs jobs of one key one at a time, other keys concurrently, and continues after a failure', async () => {
  const serial = createSerial()
  const steps: string[] = []
  const gate = Promise.withResolvers<void>()
  const first = serial('a', async () => {
    steps.push('a1 begins')
    await gate.promise
    steps.push('a1 ends')
    throw new Error('a1 failed')
  })
  const second = serial('a', async () => steps.push('a2'))
  await serial('b', async () => steps.push('b1'))
  gate.resolve()
  await expect(first).rejects.toThrow('a1 failed')
  await second
  expect(steps).toEqual(['a1 begins', 'b1', 'a1 ends', 'a2'])
})
