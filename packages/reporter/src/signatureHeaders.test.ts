import { Webhook } from 'standardwebhooks'
import { expect, test } from 'vitest'
import { signatureHeaders } from './signatureHeaders.ts'

const secretOf = (letter: string): string => `whsec_${Buffer.alloc(32, letter).toString('base64')}`
const BODY = JSON.stringify({ type: 'recording.rolling', name: 'Straße 🎬' })
const message = { id: 'dlv_1', seconds: Math.floor(Date.now() / 1000), body: BODY }

test('the library of Standard Webhooks verifies the signature', () => {
  const headers = signatureHeaders(message, [secretOf('a')])
  expect(new Webhook(secretOf('a')).verify(BODY, headers)).toEqual(JSON.parse(BODY))
  expect(headers['webhook-signature']).toBe(
    new Webhook(secretOf('a')).sign('dlv_1', new Date(message.seconds * 1000), BODY),
  )
  expect(() => new Webhook(secretOf('b')).verify(BODY, headers)).toThrow()
  expect(() => new Webhook(secretOf('a')).verify(`${BODY} `, headers)).toThrow()
})

test('during a rotation, a receiver with either secret verifies it', () => {
  const headers = signatureHeaders(message, [secretOf('new'), secretOf('old')])
  for (const secret of ['new', 'old']) {
    expect(new Webhook(secretOf(secret)).verify(BODY, headers)).toEqual(JSON.parse(BODY))
  }
  expect(() => new Webhook(secretOf('x')).verify(BODY, headers)).toThrow()
})
