import { expect, test } from 'vitest'
import { splitSelectors } from './splitSelectors.ts'

test.each<[string, string[]]>([
  ['', []],
  [' , ,', []],
  ['#board', ['#board']],
  ['#board, video.teacher', ['#board', 'video.teacher']],
  [' #a ,\n #b, ', ['#a', '#b']],
  [':is(video, canvas), #b', [':is(video, canvas)', '#b']],
  [':not(:is(a, b), c), d', [':not(:is(a, b), c)', 'd']],
  ['[x="a,b"], #b', ['[x="a,b"]', '#b']],
  ["[x='a,\"b'], #b", ["[x='a,\"b']", '#b']],
  ['[x="a\\",b"], #b', ['[x="a\\",b"]', '#b']],
  ['[x="(,"], #b', ['[x="(,"]', '#b']],
  ['#a\\,b, #c', ['#a\\,b', '#c']],
  ['a:is(, b', ['a:is(, b']],
  ['#a\\', ['#a\\']],
])('splits %j', (list, parts) => {
  expect(splitSelectors(list)).toEqual(parts)
})
