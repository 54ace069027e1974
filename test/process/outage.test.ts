import { setTimeout as sleep } from 'node:timers/promises'
import { openTestbed, type Testbed } from '@stillrolling/examples/testbed'
import { afterEach, expect, test } from 'vitest'
import { record, rolls, runsOne, sidOf } from './recordings.ts'

let testbed: Testbed | undefined

afterEach(async () => {
  await testbed?.close()
  testbed = undefined
})

/** Longer than the recordings' heartbeatTimeout and queryInterval, in milliseconds. */
const OUTAGE_MS = 10_000

/** Connections to Agora are cut before it has done anything, and none of its notifications arrives. */
const cutOff = ({ emulator }: Testbed): void => {
  for (const call of ['acquire', 'start', 'query', 'stop'] as const) {
    emulator.injectFault({ on: 'call', call, forSeconds: 3600, then: { drop: true } })
  }
  emulator.injectFault({ on: 'notification', forSeconds: 3600, then: 'drop' })
}

test('while Agora cannot be reached nothing is restarted; then what is dead is, once, and what was asked for happens', async () => {
  // With the documented waits between tries an outage would have to last minutes to be one.
  testbed = await openTestbed({ emulator: { openDelay: 0 }, environment: { AGORA_BACKOFF_SCALE: '0.1' } })
  const { api, emulator } = testbed
  const ids = ['well', 'dying', 'leaving']
  for (const id of ids) await record(testbed, id)
  for (const id of ids) await rolls(testbed, id)

  cutOff(testbed)
  await emulator.runCommand(await sidOf(testbed, 'dying'), { do: 'killPage' })
  await api.stop('leaving')
  await record(testbed, 'coming')
  await sleep(OUTAGE_MS)

  const seen = Object.fromEntries(
    (await api.list()).map(({ id, state, attempts }) => [id, { state, attempts: attempts.length }]),
  )
  expect(seen).toEqual({
    well: { state: 'rolling', attempts: 1 },
    dying: { state: 'unhealthy', attempts: 1 },
    leaving: { state: 'stopping', attempts: 1 },
    coming: { state: expect.stringMatching(/^(starting|recovering)$/), attempts: 1 },
  })
  const unreached = emulator.requests().filter(({ fault }) => fault !== null)
  expect(new Set(unreached.map(({ call }) => call))).toEqual(new Set(['acquire', 'query', 'stop']))

  emulator.clearFaults()
  for (const [id, attempts] of [
    ['well', 1],
    ['dying', 2],
    ['coming', 1],
  ] as const) {
    await rolls(testbed, id, attempts)
    await runsOne(testbed, id, attempts)
  }
  await expect.poll(async () => (await api.get('leaving')).state, { timeout: 30_000 }).toBe('stopped')
})
