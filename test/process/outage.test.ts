import { setTimeout as sleep } from 'node:timers/promises'
import { openTestbed, type Testbed } from '@stillrolling/examples/testbed'
import { afterEach, expect, test } from 'vitest'
import { record, sidOf, waitForSingleTask, waitUntilRolling } from './recordings.ts'

let testbed: Testbed | undefined

afterEach(async () => {
  await testbed?.close()
  testbed = undefined
})

/** Longer than the recordings' heartbeatTimeout and queryInterval, in milliseconds. */
const OUTAGE_MS = 10_000

/** Requests to Agora are dropped before they are carried out, and no notification arrives. */
const cutOff = ({ emulator }: Testbed): void => {
  for (const call of ['acquire', 'start', 'query', 'stop'] as const) {
    emulator.injectFault({ on: 'call', call, forSeconds: 3600, then: { drop: true } })
  }
  emulator.injectFault({ on: 'notification', forSeconds: 3600, then: 'drop' })
}

test('nothing is restarted while Agora is unreachable; afterwards a dead page is restarted once, and commands are carried out', async () => {
  // With Agora's documented delays between retries the outage would have to last for minutes.
  testbed = await openTestbed({ emulator: { openDelay: 0 }, environment: { AGORA_BACKOFF_SCALE: '0.1' } })
  const { api, emulator } = testbed
  const ids = ['healthy', 'dying', 'stopping']
  for (const id of ids) await record(testbed, id)
  for (const id of ids) await waitUntilRolling(testbed, id)

  cutOff(testbed)
  await emulator.runCommand(await sidOf(testbed, 'dying'), { do: 'killPage' })
  await api.stop('stopping')
  await record(testbed, 'starting')
  await sleep(OUTAGE_MS)

  const seen = Object.fromEntries(
    (await api.list()).map(({ id, state, attemptCount }) => [id, { state, attempts: attemptCount }]),
  )
  expect(seen).toEqual({
    healthy: { state: 'rolling', attempts: 1 },
    dying: { state: 'unhealthy', attempts: 1 },
    stopping: { state: 'stopping', attempts: 1 },
    starting: { state: expect.stringMatching(/^(starting|recovering)$/), attempts: 1 },
  })
  const unreached = emulator.requests().filter(({ fault }) => fault !== null)
  expect(new Set(unreached.map(({ call }) => call))).toEqual(new Set(['acquire', 'query', 'stop']))

  emulator.clearFaults()
  for (const [id, attempts] of [
    ['healthy', 1],
    ['dying', 2],
    ['starting', 1],
  ] as const) {
    await waitUntilRolling(testbed, id, attempts)
    await waitForSingleTask(testbed, id, attempts)
  }
  await expect.poll(async () => (await api.get('stopping')).state, { timeout: 30_000 }).toBe('stopped')
})
