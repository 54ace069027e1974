import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { openTestbed, type Testbed } from '@stillrolling/examples/testbed'
import { afterEach, expect, onTestFinished, test } from 'vitest'
import { record, waitForSingleTask, waitUntilRolling } from './recordings.ts'

let testbed: Testbed | undefined

afterEach(async () => {
  await testbed?.close()
  testbed = undefined
})

/** Gives out credentials that are valid for 12 hours, and counts the requests that have the right header. */
const serveCredentials = async (authorization: string): Promise<{ url: string; count(): number }> => {
  let count = 0
  const server = createServer((request, response) => {
    if (request.headers.authorization !== authorization) return void response.writeHead(401).end()
    count += 1
    const stsExpiration = Math.round(Date.now() / 1000) + 12 * 3600
    response.end(JSON.stringify({ accessKey: 'a', secretKey: 's', stsToken: `t${count}`, stsExpiration }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/sts`, count: () => count }
}

test('temporary credentials are fetched for the start, and renewed at Agora while the task runs', async () => {
  const authorization = 'Bearer of-the-test'
  const credentials = await serveCredentials(authorization)
  const profile = { vendor: 1, region: 0, bucket: 'b', credentials: { url: credentials.url, authorization } }
  testbed = await openTestbed({
    probe: 'own',
    emulator: { openDelay: 0 },
    environment: {
      STORAGE_PROFILES: JSON.stringify({ default: profile }),
      // 3 s instead of 50 minutes between two refreshes.
      AGORA_BACKOFF_SCALE: '0.001',
    },
  })
  const { emulator } = testbed
  await record(testbed, 'lesson')
  await waitUntilRolling(testbed, 'lesson')
  const updates = () =>
    emulator.requests().flatMap(({ call, status, body }) => (call === 'update' ? [{ status, body }] : []))
  await expect.poll(() => updates().length, { timeout: 20_000 }).toBeGreaterThan(1)
  expect(updates()[0]).toMatchObject({
    status: 200,
    body: { clientRequest: { storageConfig: { bucket: 'b', fileNamePrefix: ['lesson', 'a1'] } } },
  })
  expect(credentials.count()).toBeGreaterThan(0)
  await waitForSingleTask(testbed, 'lesson')
})
