import { describe, expect, test } from 'vitest'
import { signNotification, verifySignature } from './signature.ts'

// Agora's published test vector. The body in its documentation does not have the published digests; this one does.
const body =
  '{"eventMs":1560408533119,"eventType":10,"noticeId":"4eb720f0-8da7-11e9-a43e-53f411c2761f","notifyMs":1560408533119,"payload":{"a":"1","b":2},"productId":1}'
const v1 = '033c62f40f687675f17f0f41f91a40c71c0f134c'
const v2 = '6d3320c60b11101395b7fc8f9068748808a0aa1bfa064438e39d1bc2c7d74d99'
const secrets = ['secret']

test('signs and verifies the published test vector', () => {
  expect(signNotification(body, 'secret')).toEqual({ 'Agora-Signature': v1, 'Agora-Signature-V2': v2 })
  expect(verifySignature({ body, v1, v2, secrets })).toBe(true)
  expect(verifySignature({ body: new TextEncoder().encode(body), v2, secrets })).toBe(true)
})

test('signs the raw bytes, not the parsed JSON', () => {
  const reprinted = JSON.stringify(JSON.parse(body), null, 1)
  expect(verifySignature({ body: reprinted, v1, v2, secrets })).toBe(false)
})

test('accepts headers of every type', () => {
  for (const headers of [
    new Headers({ 'Agora-Signature-V2': v2 }),
    { 'agora-signature-v2': v2 },
    { 'Agora-Signature-V2': [v2] },
    { 'AGORA-SIGNATURE': v1 },
    { 'agora-signature-v2': v2.toUpperCase() },
  ]) {
    expect(verifySignature({ body, headers, secrets })).toBe(true)
  }
})

test('ignores SHA-1 if there is a SHA-256', () => {
  expect(verifySignature({ body, v1, secrets })).toBe(true)
  expect(verifySignature({ body, v1, v2: v2.replace('6', '7'), secrets })).toBe(false)
  expect(verifySignature({ body, v1, v2: '', secrets })).toBe(false)
  expect(verifySignature({ body, v2: v1, secrets })).toBe(false)
})

test('accepts any of the secrets', () => {
  expect(verifySignature({ body, v2, secrets: ['new', 'secret'] })).toBe(true)
  expect(verifySignature({ body, v2, secrets: ['new'] })).toBe(false)
})

describe('is false for', () => {
  test('no secrets', () => expect(verifySignature({ body, v1, v2, secrets: [] })).toBe(false))
  test('an empty secret', () => {
    const forged = signNotification(body, '')
    expect(verifySignature({ body, headers: forged, secrets: [''] })).toBe(false)
  })
  test('no signature', () => {
    expect(verifySignature({ body, secrets })).toBe(false)
    expect(verifySignature({ body, headers: {}, secrets })).toBe(false)
  })
  test.each(['', 'zz', v2.slice(2), `${v2}00`, `${v2}zz`, `${v2.slice(2)}zz`, `${v2}, ${v2}`])(
    '%j',
    (wrong) => {
      expect(verifySignature({ body, v2: wrong, secrets })).toBe(false)
    },
  )
  test('repeated headers', () => {
    expect(verifySignature({ body, headers: { 'agora-signature-v2': [v2, v2] }, secrets })).toBe(false)
  })
})
