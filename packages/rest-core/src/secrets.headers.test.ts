import { describe, expect, test } from 'vitest'
import { createCloudRecording } from './client.ts'
import type { CloudRecordingOptions } from './cloudRecording.ts'
import { CloudRecordingError } from './errors.ts'
import { options, task } from './testing/examples.ts'
import { fakeClock } from './testing/fakeClock.ts'
import { fetchFailed, scriptedFetch } from './testing/scriptedFetch.ts'

describe('the values of headers are in no error', () => {
  const token = 'tok_abcdefgh12345'
  const echo =
    (text: (headers: Headers) => string): typeof fetch =>
    async (_, init) =>
      new Response(JSON.stringify({ code: 999, reason: text(new Headers(init?.headers)) }), { status: 403 })
  const rejected = async (more: Partial<CloudRecordingOptions>): Promise<CloudRecordingError> => {
    const error = await createCloudRecording({ ...options, clock: fakeClock(), random: () => 0, ...more })
      .query(task)
      .catch((each: unknown) => each)
    if (!(error instanceof CloudRecordingError)) throw error
    return error
  }
  const sources: [string, Partial<CloudRecordingOptions>][] = [
    ['headers', { headers: { 'X-Auth': `Bearer ${token}` } }],
    ['beforeRequest', { beforeRequest: () => ({ 'X-Auth': `Bearer ${token}` }) }],
  ]

  test.each(sources)('%s: the whole value, and the token without its scheme', async (_, more) => {
    const whole = await rejected({ ...more, fetch: echo((headers) => `denied: ${headers.get('x-auth')}`) })
    expect(whole.reason).toBe('denied: ***')
    const part = await rejected({ ...more, fetch: echo(() => `token ${token} is expired`) })
    expect(part.reason).toBe('token *** is expired')
    expect(part.message).not.toContain(token)
  })

  test.each(sources)('%s: what fetch throws', async (_, more) => {
    const fetch: typeof globalThis.fetch = async (_, init) => {
      throw new Error(`failed with ${JSON.stringify(init?.headers)}`)
    }
    expect(String((await rejected({ ...more, fetch })).cause)).not.toContain(token)
  })

  test('beforeRequest: also those of an earlier try of the call', async () => {
    const error = await rejected({
      baseUrls: ['http://one.test', 'http://two.test'],
      beforeRequest: ({ tries }) => ({ 'x-auth': `tok_try_${tries}` }),
      fetch: scriptedFetch(
        { thrown: fetchFailed('ECONNRESET') },
        { status: 403, json: { code: 999, reason: 'seen tok_try_1, tok_try_2' } },
      ),
    })
    expect(error.reason).toBe('seen ***, ***')
  })

  test('Accept and User-Agent are no secrets, and a value without a digit is masked only as a whole word', async () => {
    const error = await rejected({
      headers: { 'User-Agent': 'service/1.0', accept: 'application/json', 'x-team': 'recording' },
      fetch: echo(() => 'service/1.0: recordings need application/json, not recording'),
    })
    expect(error.reason).toBe('service/1.0: recordings need application/json, not ***')
  })
})
