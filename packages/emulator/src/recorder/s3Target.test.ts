import { expect, test } from 'vitest'
import { s3Target } from './s3Target.ts'

const KEYS = { bucket: 'b', accessKey: 'a', secretKey: 's' }

test.each([
  ['vendor 11 with its endpoint', { vendor: 11, extensionParams: { endpoint: 's3.example' } }, 's3.example'],
  ['vendor 11 without an endpoint', { vendor: 11 }, undefined],
  ['another vendor', { vendor: 1, extensionParams: { endpoint: 's3.example' } }, undefined],
])('%s: files are uploaded to %s', (_, storage, endpoint) => {
  expect(s3Target({ ...KEYS, ...storage })).toEqual(endpoint === undefined ? null : { ...KEYS, endpoint })
})
