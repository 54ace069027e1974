import type { Testbed } from '@stillrolling/examples/testbed'
import { expect, test, vi } from 'vitest'
import { openForTest, POLL, sidOf, sidOfTask, waitUntilRolling, waitUntilState } from './recordings.ts'

const CHANNEL = 'lesson-7'

/** With two users in the channel. */
const open = async (): Promise<Testbed> => {
  const testbed = await openForTest()
  testbed.emulator.runChannelCommand(CHANNEL, { do: 'users', count: 2 })
  return testbed
}

const record = async (
  { api }: Testbed,
  id: string,
  mode: 'individual' | 'mix',
  fields: Record<string, unknown> = {},
): Promise<void> => {
  await api.create({
    ...{ id, kind: 'channel', mode, channel: CHANNEL, recordingConfig: { channelType: 1 } },
    policy: { queryInterval: 2, failoverWindow: 5, restart: { delays: [0, 1] } },
    ...fields,
  })
}

/** Agora's tasks: the uid, the mode, and whether it runs. */
const tasksOf = ({ emulator }: Testbed) =>
  emulator.tasks().map(({ uid, mode, state }) => ({ uid, mode, runs: state === 'recording' }))

const runningUids = (bed: Testbed): string[] =>
  tasksOf(bed)
    .filter(({ runs }) => runs)
    .map(({ uid }) => uid)
    .toSorted()

/** No uid was sent with two starts that made a task. */
const expectUniqueUids = (bed: Testbed): void => {
  const uids = tasksOf(bed).map(({ uid }) => uid)
  expect(new Set(uids).size).toBe(uids.length)
}

test('two recordings of one channel, one individual and one mix, go on through kills of the reporter, and no uid is used twice', async () => {
  const bed = await open()
  const { api, emulator } = bed
  await record(bed, 'each', 'individual')
  await record(bed, 'all', 'mix', { uidRange: { from: 1_000_001, to: 1_000_009 } })
  await waitUntilRolling(bed, 'each')
  await waitUntilRolling(bed, 'all')
  expect(tasksOf(bed).toSorted((one, other) => Number(one.uid) - Number(other.uid))).toEqual([
    { uid: '900001', mode: 'individual', runs: true },
    { uid: '1100001', mode: 'mix', runs: true },
  ])

  await bed.reporter().kill()
  await bed.restartReporter()
  await waitUntilRolling(bed, 'each')
  await waitUntilRolling(bed, 'all')
  expect(runningUids(bed)).toEqual(['1100001', '900001'])

  // The recorder of one dies while the reporter is down, and that of the other one after it is back.
  await bed.reporter().kill()
  await emulator.runCommand(sidOfTask(bed, '1100001'), { do: 'stop', code: 6 })
  await bed.restartReporter()
  await waitUntilRolling(bed, 'all', 2)
  await waitUntilRolling(bed, 'each')
  await emulator.runCommand(await sidOf(bed, 'each'), { do: 'stop', code: 6 })
  await waitUntilRolling(bed, 'each', 2)
  await waitUntilRolling(bed, 'all', 2)
  expect(runningUids(bed)).toEqual(['1100002', '900002'])
  expectUniqueUids(bed)

  await api.stop('each')
  await waitUntilState(bed, 'each', { state: 'stopped', attempts: 2 })
  await waitUntilRolling(bed, 'all', 2)
  expect(runningUids(bed)).toEqual(['1100002'])
})

test('of a channel and its standby, losing one never touches the other, and both are stopped until confirmed', async () => {
  const bed = await open()
  const { api, emulator } = bed
  await record(bed, 'lesson', 'mix', { standby: true })
  await waitUntilRolling(bed, 'lesson')
  await waitUntilRolling(bed, 'lesson~standby')
  const acquires = emulator.requests().filter(({ call }) => call === 'acquire')
  const first = emulator.tasks().find(({ uid }) => uid === '900001')
  expect(
    acquires.map(({ uid, body }) => [uid, (body as { clientRequest: object }).clientRequest]),
  ).toMatchObject([
    ['900001', {}],
    ['1000001', { excludeResourceIds: [first?.resourceId] }],
  ])

  await emulator.runCommand(await sidOf(bed, 'lesson'), { do: 'stop', code: 6 })
  await waitUntilRolling(bed, 'lesson', 2)
  await waitUntilRolling(bed, 'lesson~standby')
  await bed.reporter().kill()
  await emulator.runCommand(sidOfTask(bed, '1000001'), { do: 'stop', code: 6 })
  await bed.restartReporter()
  await waitUntilRolling(bed, 'lesson~standby', 2)
  await waitUntilRolling(bed, 'lesson', 2)
  expect(runningUids(bed)).toEqual(['1000002', '900002'])
  expectUniqueUids(bed)

  emulator.injectFault({ on: 'call', call: 'stop', then: { drop: true }, times: 2 })
  await api.stop('lesson')
  await bed.reporter().kill()
  await bed.restartReporter()
  await waitUntilState(bed, 'lesson', { state: 'stopped', attempts: 2 })
  // Agora knows nothing of the task that died while the reporter was down: four 404s in 30 s confirm its end.
  const standbyState = async () => (await api.get('lesson')).standby?.state
  await vi.waitFor(async () => expect(await standbyState()).toBe('stopped'), { ...POLL, timeout: 60_000 })
  expect(runningUids(bed)).toEqual([])
  await vi.waitFor(async () => {
    const { files } = await api.get('lesson')
    expect(new Set(files.map(({ standby }) => standby))).toEqual(new Set([false, true]))
  }, POLL)
}, 240_000)
