import { expect, test } from 'vitest'
import { createSerial } from './serial.ts'

test('runs jobs of one key one after the other, others meanwhile, and goes on after a failure', async () => {
  const serial = createSerial()
  const story: string[] = []
  const gate = Promise.withResolvers<void>()
  const first = serial('a', async () => {
    story.push('a1 begins')
    await gate.promise
    story.push('a1 ends')
    throw new Error('a1 failed')
  })
  const second = serial('a', async () => story.push('a2'))
  await serial('b', async () => story.push('b1'))
  gate.resolve()
  await expect(first).rejects.toThrow('a1 failed')
  await second
  expect(story).toEqual(['a1 begins', 'b1', 'a1 ends', 'a2'])
})
