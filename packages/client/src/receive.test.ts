import { readFileSync } from 'node:fs'
import { Webhook } from 'standardwebhooks'
import { describe, expect, test } from 'vitest'
import { type ReceiveOptions, receive } from './receive.ts'

const SECRET = 'whsec_U0VDUkVULW9mLWRlbGl2ZXJpZXMtaW4tYmFzZTY0'
const OTHER = 'whsec_b3RoZXItc2VjcmV0LW9mLTI0LWJ5dGVzLi4u'
const NOW = Date.UTC(2026, 0, 1)

const { webhooks } = JSON.parse(
  readFileSync(new URL('../../reporter/openapi.json', import.meta.url), 'utf8'),
) as { webhooks: Record<string, { post: { requestBody: { content: Record<string, { example: Body }> } } }> }
interface Body {
  type: string
  id: string
}
const BODIES = Object.values(webhooks).map(
  ({ post }) => post.requestBody.content['application/json']?.example as Body,
)
const BODY = BODIES[0] as Body
const TEXT = JSON.stringify(BODY)

/** As the official library signs. */
const headersOf = (text: string, { secret = SECRET, at = NOW } = {}): Record<string, string> => ({
  'webhook-id': BODY.id,
  'webhook-timestamp': String(at / 1000),
  'webhook-signature': new Webhook(secret).sign(BODY.id, new Date(at), text),
})
const requestOf = (text = TEXT, headers = headersOf(text)): Request =>
  new Request('https://app.test/hook', { method: 'POST', body: text, headers })
const open = (request: Request, secrets: string | string[] = SECRET, options: ReceiveOptions = {}) =>
  receive(request, secrets, { now: () => NOW, ...options })

describe('receive', () => {
  test.each(BODIES)('returns a delivery of the type $type that the official library signed', async (body) => {
    expect(await open(requestOf(JSON.stringify(body)))).toEqual(body)
  })

  test('narrows a delivery by its type', async () => {
    const body = BODIES.find(({ type }) => type === 'recording.failed')
    const delivery = await open(requestOf(JSON.stringify(body)))
    if (delivery.type !== 'recording.failed') throw new Error(delivery.type)
    const { recording, reason } = delivery
    expect([recording.id, reason?.code]).toEqual(['class42', 'page_silent'])
  })

  test('passes a type that it does not know through', async () => {
    const body = { type: 'recording.invented', id: 'dlv_1', more: [1] }
    expect(await open(requestOf(JSON.stringify(body)))).toEqual({ type: 'unknown', id: 'dlv_1', body })
  })

  test('verifies what a server has read: text or bytes, headers of any case', async () => {
    const headers = headersOf(TEXT)
    const upper = Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name.toUpperCase(), [value]]),
    )
    for (const body of [TEXT, new TextEncoder().encode(TEXT)]) {
      for (const each of [headers, upper, new Headers(headers)]) {
        expect(await receive({ headers: each, body }, SECRET, { now: () => NOW })).toEqual(BODY)
      }
    }
  })

  test('takes several secrets, and several signatures, during a rotation', async () => {
    expect(await open(requestOf(), [OTHER, SECRET])).toEqual(BODY)
    const [first, second] = [headersOf(TEXT, { secret: OTHER }), headersOf(TEXT)]
    const both = `${first['webhook-signature']} v1a,AAAA v1,%%% ${second['webhook-signature']}`
    expect(await open(requestOf(TEXT, { ...second, 'webhook-signature': both }))).toEqual(BODY)
    expect(await open(requestOf(), SECRET.replace('whsec_', ''))).toEqual(BODY)
  })

  test.each([
    ['another body', requestOf(`${TEXT} `, headersOf(TEXT))],
    ['another id', requestOf(TEXT, { ...headersOf(TEXT), 'webhook-id': 'dlv_2' })],
    ['another time', requestOf(TEXT, { ...headersOf(TEXT), 'webhook-timestamp': String(NOW / 1000 + 1) })],
    ['another secret', requestOf(TEXT, headersOf(TEXT, { secret: OTHER }))],
    ['another version', requestOf(TEXT, { ...headersOf(TEXT), 'webhook-signature': 'v2,AAAA' })],
    ['half a signature', requestOf(TEXT, { ...headersOf(TEXT), 'webhook-signature': 'v1,AAAA' })],
  ])('refuses %s', async (_, request) => {
    await expect(open(request)).rejects.toMatchObject({ code: 'signature_wrong', status: 401 })
  })

  test('does not look further than ten signatures', async () => {
    const headers = headersOf(TEXT)
    const signature = `${'v1,AAAA '.repeat(10)}${headers['webhook-signature']}`
    await expect(open(requestOf(TEXT, { ...headers, 'webhook-signature': signature }))).rejects.toMatchObject(
      {
        code: 'signature_wrong',
      },
    )
  })

  test.each(['webhook-id', 'webhook-timestamp', 'webhook-signature'])(
    'refuses a request without %s',
    async (name) => {
      const { [name]: _, ...headers } = headersOf(TEXT)
      await expect(open(requestOf(TEXT, headers))).rejects.toMatchObject({
        code: 'headers_missing',
        status: 401,
      })
    },
  )

  test.each([
    [300, true],
    [-300, true],
    [301, false],
    [-301, false],
  ])('with clocks that differ by %d s is accepted: %s', async (seconds, isAccepted) => {
    const request = requestOf(TEXT, headersOf(TEXT, { at: NOW - seconds * 1000 }))
    const result = open(request)
    if (isAccepted) expect(await result).toEqual(BODY)
    else await expect(result).rejects.toMatchObject({ code: 'timestamp_not_tolerated' })
  })

  test('tolerates what it is asked to, and no odd times', async () => {
    const request = () => requestOf(TEXT, headersOf(TEXT, { at: NOW - 60_000 }))
    expect(await open(request(), SECRET, { tolerance: 60 })).toEqual(BODY)
    await expect(open(request(), SECRET, { tolerance: 59 })).rejects.toThrow()
    for (const at of ['', 'now', '1e9', '-1', 'NaN', '0x5', ' 1 2']) {
      const headers = { ...headersOf(TEXT), 'webhook-timestamp': at }
      await expect(open(requestOf(TEXT, headers))).rejects.toMatchObject({ status: 401 })
    }
  })

  test('reads no more of a body than a delivery has', async () => {
    let chunks = 0
    const endless = new ReadableStream({
      pull: (controller) => {
        chunks += 1
        controller.enqueue(new Uint8Array(16 * 1024))
      },
    })
    const init = { method: 'POST', body: endless, headers: headersOf(TEXT), duplex: 'half' } as RequestInit
    const request = new Request('https://app.test/hook', init)
    await expect(open(request)).rejects.toMatchObject({ code: 'body_too_large', status: 413 })
    expect(chunks).toBeLessThan(10)
  })

  test.each(['', 'null', '[]', '{}', '{"type":"recording.failed"}', 'not JSON'])(
    'refuses the body %j, although it is signed',
    async (text) => {
      await expect(open(requestOf(text))).rejects.toMatchObject({ code: 'body_malformed', status: 400 })
    },
  )

  test.each(['', 'whsec_', 'whsec_%%%'])('says that %j is no secret', async (secret) => {
    await expect(open(requestOf(), secret)).rejects.toThrow(TypeError)
  })
})
