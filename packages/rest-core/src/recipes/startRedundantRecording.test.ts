import { expect, test } from 'vitest'
import { clientRequest, identity } from '../testing/examples.ts'
import type { StartRecordingRequest } from './startRecording.ts'
import { startRedundantRecording } from './startRedundantRecording.ts'
import { coded, repeated, rig, type Timed } from './testing/rig.ts'

const acquired = (resourceId: string): Timed => ({ status: 200, json: { resourceId } })
const started = (sid: string): Timed => ({ status: 200, json: { sid } })

const request: StartRecordingRequest = {
  ...identity,
  clientRequest,
  acquire: { region: 'EU' },
  onResource: async () => {},
}

test("the second recording has another uid and excludes the first one's resource", async () => {
  const { client, run, sent } = rig([acquired('r1'), started('s1'), acquired('r2'), started('s2')])
  const result = await run(startRedundantRecording(client, request, { ...request, uid: '900002' }))
  expect(result).toEqual({
    first: { outcome: 'started', sid: 's1', resourceId: 'r1' },
    second: { outcome: 'started', sid: 's2', resourceId: 'r2' },
  })
  expect(sent[0]?.body).toMatchObject({ cname: 'class42', uid: '900001' })
  expect(sent[0]?.body).not.toHaveProperty('clientRequest.excludeResourceIds')
  expect(sent[2]?.body).toMatchObject({
    cname: 'class42',
    uid: '900002',
    clientRequest: { region: 'EU', excludeResourceIds: ['r1'] },
  })
})

test('resources that the caller excludes stay excluded', async () => {
  const { client, run, sent } = rig([acquired('r1'), started('s1'), acquired('r2'), started('s2')])
  const second = { ...request, uid: '2', acquire: { excludeResourceIds: ['r0'] } }
  await run(startRedundantRecording(client, request, second))
  expect(sent[2]?.body).toMatchObject({ clientRequest: { excludeResourceIds: ['r0', 'r1'] } })
})

test('every resource on which the first recording may run is excluded', async () => {
  const lost = repeated(3, coded(206, 65))
  const first = [acquired('r1'), ...lost, acquired('r2'), ...lost]
  const { client, run, sent } = rig([...first, acquired('r3'), started('s3')])
  const result = await run(startRedundantRecording(client, request, { ...request, uid: '2' }))
  expect(result).toMatchObject({ first: { outcome: 'unknown' }, second: { outcome: 'started', sid: 's3' } })
  expect(sent[8]?.body).toMatchObject({ clientRequest: { excludeResourceIds: ['r1', 'r2'] } })
})

test('the second is started even if the first was not, and excludes nothing', async () => {
  const { client, run, sent } = rig([coded(400, 406), acquired('r2'), started('s2')])
  const result = await run(startRedundantRecording(client, request, { ...request, uid: '2' }))
  expect(result).toMatchObject({ first: { outcome: 'notStarted' }, second: { outcome: 'started' } })
  expect(sent[1]?.body).not.toHaveProperty('clientRequest.excludeResourceIds')
})

test('the same uid or another cname is rejected, and nothing is sent', async () => {
  const { client, sent } = rig([])
  await expect(startRedundantRecording(client, request, { ...request })).rejects.toThrow('uids must differ')
  const other = { ...request, uid: '2', cname: 'class43' }
  await expect(startRedundantRecording(client, request, other)).rejects.toThrow(RangeError)
  expect(sent).toHaveLength(0)
})
