import { describe, expect, it } from 'vitest'
import { tagOptions } from './tag.ts'

const options = (attributes: Record<string, string>) => {
  const script = document.createElement('script')
  for (const [name, value] of Object.entries(attributes)) script.setAttribute(name, value)
  return tagOptions(script)
}

describe('tagOptions', () => {
  it("takes the script's origin for the reporter", () => {
    expect(options({ src: 'https://reporter.example.com:8443/probe.js?v=1' })).toEqual({
      endpoint: 'https://reporter.example.com:8443',
      expect: [],
      media: [],
    })
  })

  it('reads all attributes', () => {
    expect(
      options({
        src: '/vendor/probe.js',
        'data-endpoint': 'https://reporter.example.com/base',
        'data-expect': '#board, :is(video, canvas)',
        'data-media': 'video.teacher',
        'data-stall': '7.5',
        'data-token': 'v1.a.b',
      }),
    ).toEqual({
      endpoint: 'https://reporter.example.com/base',
      expect: ['#board', ':is(video, canvas)'],
      media: ['video.teacher'],
      stall: 7.5,
      token: 'v1.a.b',
    })
  })
})
