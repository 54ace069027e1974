import type { CloudRecording, UpdateRequest } from '@stillrolling/rest-core'
import { expect, test } from 'vitest'
import { serializeUpdates } from './serializeUpdates.ts'

test('an update waits for the answer to the one before of the same task, and for no other', async () => {
  const sent: string[] = []
  const answers: (() => void)[] = []
  const update = (request: UpdateRequest): Promise<object> => {
    sent.push(request.sid)
    return new Promise((resolve) => answers.push(() => resolve({})))
  }
  const client = serializeUpdates({ update } as unknown as CloudRecording)
  const send = (sid: string) => client.update({ sid } as UpdateRequest)
  const done = [send('a'), send('a'), send('b')]
  expect(sent).toEqual(['a', 'b'])
  answers[0]?.()
  await done[0]
  expect(sent).toEqual(['a', 'b', 'a'])
  answers[1]?.()
  answers[2]?.()
  await Promise.all(done)
})
