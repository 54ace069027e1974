import { expect, test } from 'vitest'
import { shownIn } from './dom.ts'

test('an element named slot in another namespace shows its children', () => {
  const slot = document.createElementNS('http://www.w3.org/2000/svg', 'slot')
  slot.append('lesson')
  expect([...shownIn(slot)]).toEqual([...slot.childNodes])
})
