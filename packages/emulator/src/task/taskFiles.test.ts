import { expect, test } from 'vitest'
import { baseName } from './taskFiles.ts'

const nameOf = (cname: string): string => baseName({ filePrefix: ['class42'], sid: 'sid', cname })

test.each([
  ['lesson 5-a', 'lesson 5-a'],
  ['a.b_c:d', 'a-b-c-d'],
  ['../../etc\\x', '------etc-x'],
  ['a\u0000b\nc\u009fd', 'a-b-c-d'],
  ['half \ud83d', 'half -'],
])('the channel %j is %j in file names', (cname, expected) => {
  expect(nameOf(cname)).toBe(`class42/sid_${expected}`)
})

test.each([
  ['a'.repeat(180), 'a'.repeat(180)],
  ['a'.repeat(1024), 'a'.repeat(180)],
  [`a${'é'.repeat(200)}`, `a${'é'.repeat(89)}`],
  ['😀'.repeat(256), '😀'.repeat(45)],
])('a long channel is shortened to whole characters', (cname, expected) => {
  expect(nameOf(cname)).toBe(`class42/sid_${expected}`)
})
