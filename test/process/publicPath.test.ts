import { setTimeout as sleep } from 'node:timers/promises'
import { freePort, openTestbed } from '@stillrolling/examples/testbed'
import { afterEach, expect, test } from 'vitest'
import { record, waitUntilRolling } from './recordings.ts'
import { openWayIn } from './wayIn.ts'

const cleanups: (() => Promise<unknown>)[] = []

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

test('a reporter below a path of PUBLIC_URL is reached by pages, and what the proxy answers in its place silences none', async () => {
  const port = await freePort()
  const wayIn = await openWayIn(port, '/stillrolling')
  cleanups.push(wayIn.close)
  const testbed = await openTestbed({ port, publicUrl: wayIn.url, emulator: { openDelay: 0 } })
  cleanups.push(testbed.close)
  // The proxy's answers last for several heartbeats, and not for long enough to be an outage.
  await record(testbed, 'class1', { heartbeatTimeout: 30 })
  await waitUntilRolling(testbed, 'class1')

  for (const status of [404, 410, 401]) {
    wayIn.cut(status)
    await sleep(2500)
    wayIn.mend()
    const mendedAt = Date.now()
    const lastBeatAt = async () => {
      const [attempt] = (await testbed.api.get('class1')).attempts
      return Date.parse(attempt?.lastBeatAt ?? '')
    }
    await expect.poll(lastBeatAt, { timeout: 15_000, message: `after ${status}` }).toBeGreaterThan(mendedAt)
  }
  const { state, attempts } = await testbed.api.get('class1')
  expect([state, attempts.length]).toEqual(['rolling', 1])
  const codes = (await testbed.api.timeline('class1', 0)).map(({ code }) => code)
  expect(codes.filter((code) => code.startsWith('page.'))).toEqual(['page.hello', 'page.loaded'])
})
