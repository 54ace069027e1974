import { expect, test } from 'vitest'
import { baseName } from './fileNames.ts'
import { firstSession } from './task.ts'

const nameOf = (cname: string): string =>
  baseName({ filePrefix: ['class42'], sid: 'sid', cname, session: firstSession('1') })

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

test.each([
  [0, 'class42/sid_lesson'],
  [1, 'class42/bak0_sid_lesson'],
  [3, 'class42/bak2_sid_lesson'],
])('after %i failovers the name is %s', (failovers, expected) => {
  const session = { ...firstSession('1'), failovers }
  expect(baseName({ filePrefix: ['class42'], sid: 'sid', cname: 'lesson', session })).toBe(expected)
})
