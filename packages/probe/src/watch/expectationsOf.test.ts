import { describe, expect, test } from 'vitest'
import { expectationsOf } from './expectationsOf.ts'

describe('the attributes of the tag', () => {
  test('become expectations', () => {
    const tag = {
      endpoint: 'https://reporter.example.com/base',
      token: 'v1.a.b',
      expect: '#board, :is(video, canvas)',
      media: 'video.teacher',
      image: '#logo, #seal',
      font: 'Inter, Noto Serif',
      test: 'app.isReady',
      text: 'Hello, class',
      ready: '',
    }
    expect(expectationsOf({ tag })).toEqual([
      { element: '#board' },
      { element: ':is(video, canvas)' },
      { media: 'video.teacher' },
      { image: '#logo' },
      { image: '#seal' },
      { font: 'Inter' },
      { font: 'Noto Serif' },
      { test: 'app.isReady' },
      { text: 'Hello, class' },
      { ready: true },
    ])
  })

  test('may contain a JSON array of expectations with options', () => {
    const list = [
      { element: '#board', count: [1, 3], timeout: 20 },
      { media: 'video', static: true },
    ]
    expect(expectationsOf({ tag: { expect: JSON.stringify(list) } })).toEqual(list)
  })

  test('that begin like JSON may be selectors; invalid JSON is an invalid selector', () => {
    expect(expectationsOf({ tag: { expect: '[data-board], [{"a"]' } })).toEqual([
      { element: '[data-board]' },
      { element: '[{"a"]' },
    ])
    expect(expectationsOf({ tag: { expect: '[{"element": "#board"' } })).toEqual([
      { element: '[{"element": "#board"' },
    ])
  })
})

test('a text is a selector of an element, or of media', () => {
  expect(expectationsOf({ expect: ['#board', { text: 'Lesson 4' }], media: ['video'] })).toEqual([
    { element: '#board' },
    { text: 'Lesson 4' },
    { media: 'video' },
  ])
})

test('a first file from a cache passes a list', () => {
  expect(expectationsOf([{ element: '#board' }])).toEqual([{ element: '#board' }])
})

test('an expectation has no fields but its own', () => {
  const [one] = expectationsOf({ expect: ['#board'] })
  expect(Object.getPrototypeOf(one)).toBeNull()
})
