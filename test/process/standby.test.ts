import type { Testbed } from '@stillrolling/examples/testbed'
import { expect, test, vi } from 'vitest'
import {
  openForTest,
  POLL,
  record,
  sidOf,
  sidOfTask,
  waitUntilRolling,
  waitUntilState,
} from './recordings.ts'

const ID = 'lesson'
const STANDBY = 'lesson~standby'

/** Uids of Agora's tasks, and whether they run. */
const tasksOf = ({ emulator }: Testbed) =>
  emulator.tasks().map(({ uid, state }) => ({ uid, runs: state === 'recording' }))

const waitForTasks = (bed: Testbed, expected: { uid: string; runs: boolean }[]): Promise<void> =>
  vi.waitFor(() => expect(tasksOf(bed)).toEqual(expected), POLL)

/** Milliseconds; NaN if a gap is still open. */
const longest = (gaps: { from: string; to: string | null }[] = []): number =>
  Math.max(0, ...gaps.map(({ from, to }) => Date.parse(to ?? '') - Date.parse(from)))

/** Of each acquire: the resources that it excludes. */
const exclusionsOf = ({ emulator }: Testbed): string[][] =>
  emulator
    .requests()
    .filter(({ call }) => call === 'acquire')
    .map(({ body }) => (body as { clientRequest: { excludeResourceIds?: string[] } }).clientRequest)
    .map(({ excludeResourceIds = [] }) => excludeResourceIds)

test('of a page and its standby, losing one never touches the other, through kills of the reporter, until both are stopped', async () => {
  const bed = await openForTest({ probe: 'own', emulator: { openDelay: 0 } })
  const { api, emulator, reporter } = bed
  await record(bed, ID, {}, { standby: true })
  await waitUntilRolling(bed, ID)
  await waitUntilRolling(bed, STANDBY)
  await waitForTasks(bed, [
    { uid: '900001', runs: true },
    { uid: '1000001', runs: true },
  ])

  const [first] = emulator.tasks()
  expect(exclusionsOf(bed)).toEqual([[], [first?.resourceId]])

  await emulator.runCommand(await sidOf(bed, STANDBY), { do: 'killPage' })
  await waitUntilRolling(bed, STANDBY, 2)
  expect(exclusionsOf(bed).at(-1)).toEqual([first?.resourceId])
  expect(emulator.tasks().find(({ sid }) => sid === first?.sid)?.state).toBe('recording')
  await emulator.runCommand(await sidOf(bed, ID), { do: 'stop', code: 6 })
  await waitUntilRolling(bed, ID, 2)
  expect(await api.get(ID)).toMatchObject({
    attempts: [{ uid: '900001', endReason: { code: 'stopped_by_agora' } }, { uid: '900002' }],
    standby: { state: 'rolling', attemptCount: 2 },
  })

  await reporter().kill()
  await emulator.runCommand(sidOfTask(bed, '1000002'), { do: 'stop', code: 6 })
  await bed.restartReporter()
  await waitUntilRolling(bed, STANDBY, 3)
  await waitUntilRolling(bed, ID, 2)
  await waitForTasks(bed, [
    { uid: '900001', runs: false },
    { uid: '1000001', runs: false },
    { uid: '1000002', runs: false },
    { uid: '900002', runs: true },
    { uid: '1000003', runs: true },
  ])

  // The first stop of each is lost. The reporter is killed, and its successor stops both.
  emulator.injectFault({ on: 'call', call: 'stop', then: { drop: true }, times: 2 })
  await api.stop(ID)
  await reporter().kill()
  await bed.restartReporter()
  await waitUntilState(bed, ID, { state: 'stopped', attempts: 2 })
  await waitUntilState(bed, STANDBY, { state: 'stopped', attempts: 3 })
  expect(tasksOf(bed).filter(({ runs }) => runs)).toEqual([])
  const { files, standby } = await api.get(ID)
  const makers = files.map((file) => `${file.standby ? 'standby' : 'main'} ${file.attempt}`)
  expect(makers).toEqual(expect.arrayContaining(['main 2', 'standby 3']))
  // A page is known to have been well until its last report, and a kill loses those of the last second.
  expect(longest(standby?.gapsOfBoth)).toBeLessThan(2500)
  expect(longest(standby?.gaps)).toBeGreaterThan(4000)
})
