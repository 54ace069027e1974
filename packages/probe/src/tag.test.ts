import { describe, expect, test } from 'vitest'
import { folderOf, tagOptions } from './tag.ts'

const options = (attributes: Record<string, string>) => {
  const script = document.createElement('script')
  for (const [name, value] of Object.entries(attributes)) script.setAttribute(name, value)
  return tagOptions(script)
}

describe('tagOptions', () => {
  test("uses the script's folder as the endpoint", () => {
    expect(options({ src: 'https://reporter.example.com:8443/stillrolling/probe.js?v=1' })).toEqual({
      endpoint: 'https://reporter.example.com:8443/stillrolling/',
    })
  })

  test('reads the attributes, and leaves the expectations to the second file', () => {
    expect(
      options({
        src: '/vendor/probe.js',
        'data-endpoint': 'https://reporter.example.com/base',
        'data-expect': '#board, :is(video, canvas)',
        'data-stall': '7.5',
        'data-token': 'v1.a.b',
      }),
    ).toEqual({
      endpoint: 'https://reporter.example.com/base',
      stall: 7.5,
      token: 'v1.a.b',
      tag: {
        endpoint: 'https://reporter.example.com/base',
        expect: '#board, :is(video, canvas)',
        stall: '7.5',
        token: 'v1.a.b',
      },
    })
  })

  test.each(['expect', 'media', 'image', 'font', 'test', 'text'])('data-%s is an expectation', (name) => {
    expect(options({ [`data-${name}`]: 'x' }).tag).toEqual({ [name]: 'x' })
    expect(options({ [`data-${name}`]: '' }).tag).toBeUndefined()
  })

  test('data-ready is an expectation, though it has no value', () => {
    const dataset: DOMStringMap = { ready: '' }
    expect(tagOptions({ src: '', dataset }).tag).toEqual({ ready: '' })
  })

  test('attributes of others are no expectation', () => {
    expect(options({ 'data-cfasync': 'false' }).tag).toBeUndefined()
  })
})

test.each([
  ['https://r.example/probe.js', 'https://r.example/'],
  ['https://r.example/a/b/probe.1234abcd.js', 'https://r.example/a/b/'],
  ['https://r.example/a/probe.js?from=/x/y#/z', 'https://r.example/a/'],
  ['https://r.example:8443/probe.js#/z?q', 'https://r.example:8443/'],
  ['', ''],
])('the folder of %s is %s', (address, folder) => {
  expect(folderOf(address)).toBe(folder)
})
