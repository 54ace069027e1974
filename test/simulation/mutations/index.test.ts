import { expect, test } from 'vitest'
import { INVARIANTS } from '../invariants/index.ts'
import { MUTATIONS } from './index.ts'

test('every invariant is breached by a mutation', () => {
  const broken = new Set<string>(MUTATIONS.map(({ breaks }) => breaks))
  expect(broken).toEqual(new Set(Object.keys(INVARIANTS)))
})
