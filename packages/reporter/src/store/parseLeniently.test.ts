import { describe, expect, test } from 'vitest'
import { recordingRequestSchema } from '../recordingRequest.ts'
import { policyInputSchema } from '../supervisor/policy.ts'
import { parseLeniently } from './parseLeniently.ts'

const URL_ONLY = recordingRequestSchema.parse({ url: 'https://page.test/' })

describe('parseLeniently', () => {
  test('returns what can be read unchanged', () => {
    const policy = { loadTimeout: 100, restart: { maxFailures: 2 } }
    expect(parseLeniently(policyInputSchema, policy).data).toEqual(policy)
  })

  test('leaves out unknown fields at any depth', () => {
    const policy = {
      loadTimeout: 100,
      later: 1,
      restart: { maxFailures: 2, later: 'x' },
      onStopCode: { 9: 'restart' },
    }
    const known = { loadTimeout: 100, restart: { maxFailures: 2 }, onStopCode: {} }
    expect(parseLeniently(policyInputSchema, policy).data).toEqual(known)
    expect(policy).toHaveProperty('later')
  })

  test('leaves out unknown values, which then have their defaults', () => {
    const stored = {
      url: 'https://page.test/',
      audioProfile: 9,
      avFileType: ['hls', 'webm'],
      video: { width: 'wide' },
    }
    expect(parseLeniently(recordingRequestSchema, stored).data).toEqual(URL_ONLY)
  })

  test('keeps an expectation without its unknown fields, and drops one of an unknown kind', () => {
    const expectations = [
      '#a',
      { smell: 'roses' },
      { element: '#b', later: true },
      { later: 1 },
      { text: 'Hi' },
    ]
    const stored = { url: 'https://page.test/', expect: expectations, media: [7] }
    expect(parseLeniently(recordingRequestSchema, stored).data).toEqual({
      ...URL_ONLY,
      expect: ['#a', { element: '#b' }, { text: 'Hi' }],
    })
  })

  test.each([[undefined], [null], ['junk'], [[]], [{}], [{ url: 7 }], [{ kind: 'channel', channel: 'c' }]])(
    'fails for %j, of which a required field cannot be read',
    (stored) => {
      expect(parseLeniently(recordingRequestSchema, stored).success).toBe(false)
    },
  )
})
