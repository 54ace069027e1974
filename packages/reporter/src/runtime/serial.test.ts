import { expect, test } from 'vitest'
import { createSerial, createTurns } from './serial.ts'

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

test('turns of a key never overlap and come in order, those of another key at any time', async () => {
  const takeTurn = createTurns()
  const log: string[] = []
  const take = async (key: string, name: string): Promise<() => void> => {
    const end = await takeTurn(key)
    log.push(name)
    return end
  }
  const first = take('a', 'first')
  const second = take('a', 'second')
  const third = take('a', 'third')
  const other = await take('b', 'other')
  const endFirst = await first
  expect(log).toEqual(['first', 'other'])
  endFirst()
  endFirst()
  const endSecond = await second
  expect(log).toEqual(['first', 'other', 'second'])
  other()
  endSecond()
  await third
  expect(log).toEqual(['first', 'other', 'second', 'third'])
})
