import { expect, test } from 'vitest'
import { redact } from './journal.ts'

test('storage keys are hidden at any depth, also if their names are misspelt', () => {
  const storageConfig = {
    bucket: 'b',
    accessKey: 'x',
    secretkey: 'x',
    SecretKey: { nested: 'x' },
    STSTOKEN: 'x',
  }
  expect(redact({ list: [{ storageConfig }] })).toEqual({
    list: [
      {
        storageConfig: { bucket: 'b', accessKey: '***', secretkey: '***', SecretKey: '***', STSTOKEN: '***' },
      },
    ],
  })
})

test.each([
  ['endpoint', 'user:pass@minio.example', '***@minio.example'],
  ['endpoint', 'https://user:p@ss@minio.example/a', 'https://***@minio.example/a'],
  ['Endpoint', 'user@minio.example', '***@minio.example'],
  ['endpoint', 'minio.example:9000', 'minio.example:9000'],
  ['url', 'https://user:pass@lesson.example/?mail=a@b', 'https://***@lesson.example/?mail=a@b'],
  ['rtmpUrl', 'rtmp://user:pass@live.example/app/key', 'rtmp://***@live.example/app/key'],
  ['mail', 'a@b.example', 'a@b.example'],
])('%s %s is shown as %s', (name, value, shown) => {
  expect(redact({ [name]: value })).toEqual({ [name]: shown })
})
