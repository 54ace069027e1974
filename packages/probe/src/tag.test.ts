import { describe, expect, test } from 'vitest'
import { tagOptions } from './tag.ts'

const options = (attributes: Record<string, string>) => {
  const script = document.createElement('script')
  for (const [name, value] of Object.entries(attributes)) script.setAttribute(name, value)
  return tagOptions(script)
}

describe('tagOptions', () => {
  test("uses the script's origin as the endpoint", () => {
    expect(options({ src: 'https://reporter.example.com:8443/probe.js?v=1' })).toEqual({
      endpoint: 'https://reporter.example.com:8443',
      expect: [],
    })
  })

  test('reads all attributes', () => {
    expect(
      options({
        src: '/vendor/probe.js',
        'data-endpoint': 'https://reporter.example.com/base',
        'data-expect': '#board, :is(video, canvas)',
        'data-media': 'video.teacher',
        'data-image': '#logo, #seal',
        'data-font': 'Inter, Noto Serif',
        'data-test': 'app.isReady',
        'data-text': 'Hello, class',
        'data-ready': '',
        'data-stall': '7.5',
        'data-token': 'v1.a.b',
      }),
    ).toEqual({
      endpoint: 'https://reporter.example.com/base',
      expect: [
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
      ],
      stall: 7.5,
      token: 'v1.a.b',
    })
  })

  test('accepts a JSON array of expectations with options', () => {
    const list = [
      { element: '#board', count: [1, 3], timeout: 20 },
      { media: 'video', static: true },
    ]
    const { expect: expectations } = options({
      src: 'https://r.example/probe.js',
      'data-expect': JSON.stringify(list),
    })
    expect(expectations).toEqual(list)
  })

  test('reads an attribute selector as a selector, and invalid JSON as an invalid one', () => {
    const { expect: expectations } = options({
      src: 'https://r.example/probe.js',
      'data-expect': '[data-board], [{"a"]',
    })
    expect(expectations).toEqual([{ element: '[data-board]' }, { element: '[{"a"]' }])
    const broken = options({ src: 'https://r.example/probe.js', 'data-expect': '[{"element": "#board"' })
    expect(broken.expect).toEqual([{ element: '[{"element": "#board"' }])
  })
})
