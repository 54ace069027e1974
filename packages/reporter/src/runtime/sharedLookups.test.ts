import type { LookupAddress } from 'node:dns'
import { expect, test } from 'vitest'
import { type Resolve, shareLookups } from './sharedLookups.ts'

const ADDRESSES: LookupAddress[] = [{ address: '198.51.100.1', family: 4 }]

/** Lookups that end when the test says so. */
const openResolver = () => {
  const running: { hostname: string; done: Parameters<Resolve>[1] }[] = []
  const started: string[] = []
  const resolve: Resolve = (hostname, done) => {
    running.push({ hostname, done })
    started.push(hostname)
  }
  const answer = (hostname: string, error: Error | null = null): void => {
    const index = running.findIndex((each) => each.hostname === hostname)
    const [lookup] = running.splice(index, 1)
    lookup?.done(error, error ? [] : ADDRESSES)
  }
  return { resolve, started, answer }
}

test('callers with the same name share one lookup, and its error', () => {
  const { resolve, started, answer } = openResolver()
  const shared = shareLookups(resolve)
  const answers: unknown[] = []
  const lookUp = () => shared('dead.example.com', (error, addresses) => answers.push(error ?? addresses))
  for (let n = 0; n < 3; n += 1) lookUp()
  expect(started).toEqual(['dead.example.com'])
  const error = new Error('EAI_AGAIN')
  answer('dead.example.com', error)
  expect(answers).toEqual([error, error, error])
  lookUp()
  answer('dead.example.com')
  expect(answers.at(-1), 'a later caller has a lookup of its own').toEqual(ADDRESSES)
  expect(started).toHaveLength(2)
})

test('names without an answer occupy two threads, and the others follow in their order', () => {
  const { resolve, started, answer } = openResolver()
  const shared = shareLookups(resolve)
  const found: string[] = []
  for (const name of ['a', 'b', 'c', 'd', 'c']) shared(name, () => found.push(name))
  expect(started).toEqual(['a', 'b'])
  answer('b')
  expect(started).toEqual(['a', 'b', 'c'])
  answer('c')
  expect([started, found]).toEqual([
    ['a', 'b', 'c', 'd'],
    ['b', 'c', 'c'],
  ])
  answer('d')
  answer('a')
  expect(found).toEqual(['b', 'c', 'c', 'd', 'a'])
})

test('a caller that looks another name up in its callback waits for its turn as well', () => {
  const { resolve, started, answer } = openResolver()
  const shared = shareLookups(resolve, 1)
  shared('a', () => shared('a', () => {}))
  shared('b', () => {})
  answer('a')
  expect(started).toEqual(['a', 'b'])
  answer('b')
  expect(started).toEqual(['a', 'b', 'a'])
})
