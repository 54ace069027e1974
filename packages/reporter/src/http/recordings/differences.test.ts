import { expect, test } from 'vitest'
import { differences } from './differences.ts'

test.each([
  [{ a: 1, b: [1, 2] }, { b: [1, 2], a: 1 }, []],
  [{ a: 1, b: 2 }, { a: 1, b: 3, c: 4 }, ['b', 'c']],
  [{ video: { width: 640, height: 480 } }, { video: { width: 640, height: 360 } }, ['video.height']],
  [{ expect: ['#a', '#b'] }, { expect: ['#a', '#c'] }, ['expect']],
  [{ policy: { restart: { delays: [] } } }, { policy: {} }, ['policy.restart']],
  [{ metadata: null }, { metadata: {} }, ['metadata']],
  [{ metadata: {} }, { metadata: { constructor: 1 } }, ['metadata.constructor']],
])('%j and %j differ in %j', (one, other, paths) => {
  expect(differences(one, other)).toEqual(paths)
})
