import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { createChanges } from './changes.ts'

const setUp = () => {
  const errors: unknown[] = []
  const calls: string[] = []
  const changes = createChanges({ error: (fields: object) => void errors.push(fields) })
  const listener = (name: string) => () => void calls.push(name)
  return { changes, errors, calls, listener }
}

test('listeners are called in a later turn, once for all changes until then, and those of a standby count', async () => {
  const { changes, calls, listener } = setUp()
  changes.follow('a', listener('a'))
  changes.follow('b', listener('b'))
  changes.followAll(listener('all'))
  changes.changed('a')
  changes.changed('a~standby')
  changes.changed('c')
  expect(calls).toEqual([])
  await nextTurn()
  expect(calls).toEqual(['a', 'all'])
  changes.changed('b~standby')
  await nextTurn()
  expect(calls).toEqual(['a', 'all', 'b', 'all'])
})

test('a listener that throws keeps nothing from the others, and is logged', async () => {
  const { changes, errors, calls, listener } = setUp()
  changes.follow('a', () => {
    throw new Error('a defect')
  })
  changes.follow('a', listener('second'))
  changes.followAll(listener('all'))
  expect(() => changes.changed('a')).not.toThrow()
  await nextTurn()
  expect(calls).toEqual(['second', 'all'])
  expect(errors).toEqual([{ err: new Error('a defect') }])
})

test('a listener that has ended is not called, and one may end while it is called', async () => {
  const { changes, calls, listener } = setUp()
  const endFirst = changes.follow('a', listener('first'))
  const endSecond = changes.follow('a', () => {
    calls.push('second')
    endSecond()
    changes.follow('a', listener('third'))
  })
  endFirst()
  changes.changed('a')
  await nextTurn()
  expect(calls).toEqual(['second'])
  changes.changed('a')
  await nextTurn()
  expect(calls).toEqual(['second', 'third'])
})

test('when it is not known what has changed, or too much has, everyone is called', async () => {
  const { changes, calls, listener } = setUp()
  changes.follow('a', listener('a'))
  changes.followAll(listener('all'))
  changes.anyChanged()
  await nextTurn()
  expect(calls).toEqual(['a', 'all'])
  for (let index = 0; index <= 10_000; index += 1) changes.changed(`r${index}`)
  await nextTurn()
  expect(calls).toEqual(['a', 'all', 'a', 'all'])
})
