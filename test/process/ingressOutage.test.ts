import { afterEach, expect, test } from 'vitest'
import { waitForSingleTask, waitUntilRolling } from './recordings.ts'
import { IDS, type OutageRig, openOutageRig, runOutage } from './runIngressOutage.ts'

let rig: OutageRig | undefined

afterEach(async () => {
  await rig?.close()
  rig = undefined
})

/** Two seconds instead of a minute until the first canary, and between two of them. */
const SHORT_WAITS = { CANARY_PATIENCE: '2', CANARY_WAITS: '2' }
/** The shortest one with which a canary can be silent. */
const POLICY = { loadTimeout: 10 }

test('while the way in is cut, canaries come and go, and the tasks of the beginning run on until they report again', async () => {
  rig = await openOutageRig({ probe: 'own', environment: SHORT_WAITS, policy: POLICY })
  const { disturbed, canaries, states } = await runOutage(rig, { seconds: 35, recoverySeconds: 30 })

  expect(disturbed).toEqual([])
  // The reporter has asked the proxy, which is its PUBLIC_URL.
  const attention = [expect.stringMatching(/^Reports of this page are not received.*PUBLIC_URL.*\(502/)]
  for (const id of IDS) expect(states[id], id).toEqual({ state: 'unhealthy', current: 1, attention })
  expect(canaries.length).toBeGreaterThanOrEqual(2)
  expect(new Set(canaries.map(({ id }) => id)).size, 'each canary is another recording').toBe(canaries.length)
  for (const [index, { droppedAt }] of canaries.entries()) {
    expect(droppedAt, 'the canary is dropped').not.toBeNull()
    const next = canaries[index + 1]
    // The reporter measures its waits in steps of a second.
    if (next) expect(next.startedAt).toBeGreaterThan((droppedAt ?? 0) + 1)
  }
  const starts = rig.testbed.emulator.requests().filter(({ call }) => call === 'start')
  expect(starts).toHaveLength(IDS.length + canaries.length)
})

test('when the pages are broken, the canary reports, and the others get candidates one after the other', async () => {
  rig = await openOutageRig({ probe: 'own', environment: SHORT_WAITS, policy: POLICY })
  const { testbed, firstTasks } = rig
  await Promise.all(
    [...firstTasks.values()].map((sid) => testbed.emulator.runCommand(sid, { do: 'killPage' })),
  )

  for (const id of IDS) await waitUntilRolling(testbed, id, 2)
  for (const id of IDS) await waitForSingleTask(testbed, id, 2)
  const timelines = await Promise.all(IDS.map((id) => testbed.api.timeline(id, 0)))
  const started = timelines
    .flatMap((entries) => entries.filter(({ code }) => code === 'candidate.started'))
    .map(({ at, evidence }) => ({ at: Date.parse(at), code: evidence.code }))
    .sort((one, other) => one.at - other.at)
  expect(started.map(({ code }) => code)[0]).toBe('ingress_outage')
  expect(started).toHaveLength(IDS.length)
  const waits = started.slice(2).map(({ at }, index) => at - (started[index + 1]?.at ?? 0))
  for (const wait of waits) expect(wait).toBeGreaterThan(4000)
})
