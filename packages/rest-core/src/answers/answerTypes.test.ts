import { expect, test } from 'vitest'
import { createCloudRecording } from '../client.ts'
import { parseNotification } from '../notifications/notification.ts'
import { options, startRequest, task } from '../testing/examples.ts'
import { scriptedFetch } from '../testing/scriptedFetch.ts'

const answer = {
  status: 200,
  json: {
    sid: 'sid1',
    serverResponse: {
      status: 5,
      statuss: 6,
      extensionServiceState: [{ serviceName: 'web_recorder_service', payload: { onHold: true } }],
    },
  },
}

const client = createCloudRecording({ ...options, fetch: scriptedFetch(answer, answer) })

// Each line would compile if a type had an index signature. The type check of the tests is the assertion: an unused
// `@ts-expect-error` is an error.
test('a misspelt field of an answer does not compile, and is not there', async () => {
  const queried = await client.query(task)
  const { serverResponse } = queried
  // @ts-expect-error
  expect(serverResponse.statuss).toBeUndefined()
  expect(serverResponse.extra).toEqual({ statuss: 6 })
  // @ts-expect-error
  expect(serverResponse.extensionServiceStates).toBeUndefined()
  // @ts-expect-error
  expect(serverResponse.extensionServiceState[0]?.payload.onHold).toBeUndefined()
  // @ts-expect-error
  expect(serverResponse.extensionServiceState[0]?.service).toBeUndefined()
  // @ts-expect-error
  expect(serverResponse.extensionServiceState[0]?.payload.fileList[0]?.filename).toBeUndefined()
  // @ts-expect-error
  expect(queried.resourceID).toBeUndefined()
  const started = await client.start(startRequest)
  // @ts-expect-error
  expect(started.SID).toBeUndefined()
})

test('a misspelt field of a notification does not compile, and is not there', () => {
  const wire = { noticeId: 'n', eventType: 71, payload: { sid: 'sid1', details: { Code: 6 } } }
  const notification = parseNotification(wire)
  // @ts-expect-error
  expect(notification.noticeID).toBeUndefined()
  if (notification.name !== 'web_recorder_stopped') throw new Error('it is event 71')
  // @ts-expect-error
  expect(notification.payload.SID).toBeUndefined()
  // @ts-expect-error
  expect(notification.payload.details.Code).toBeUndefined()
  expect(notification.payload.details.extra).toEqual({ Code: 6 })
})
