import { describe, expect, test } from 'vitest'
import { ANSWER } from '../testing/reporter.ts'
import { parseAnswer } from './answer.ts'

describe('parseAnswer', () => {
  test('accepts an answer', () => {
    expect(parseAnswer(ANSWER)).toEqual(ANSWER)
    expect(parseAnswer({ ...ANSWER, sid: null })).toMatchObject({ sid: null })
    expect(parseAnswer({ ...ANSWER, future: 1 })).toMatchObject(ANSWER)
  })

  test.each<[string, unknown]>([
    ['null', null],
    ['a string', 'ok'],
    ['a list', []],
    ['an empty object', {}],
    ['no sid', { ...ANSWER, sid: undefined }],
    ['no attempt', { ...ANSWER, attempt: undefined }],
    ['an interval of 0', { ...ANSWER, interval: 0 }],
    ['a string for the interval', { ...ANSWER, interval: 'often' }],
    ['a string for expect', { ...ANSWER, expect: '#board' }],
    ['a string for media', { ...ANSWER, media: 'video' }],
  ])('rejects %s', (_, value) => {
    expect(parseAnswer(value)).toBeUndefined()
  })
})
