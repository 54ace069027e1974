import { expect, test } from 'vitest'
import { individual, mix, postponed } from '../testing/channelExamples.ts'
import { clientRequest, identity } from '../testing/examples.ts'
import { wrongPaths } from '../testing/fields.ts'
import { acquireRequestSchema, startRequestSchema } from './calls.ts'
import { type PairRequest, requestPair } from './requestPair.ts'

const settings = { region: 'EU', resourceExpiredHour: 100, excludeResourceIds: ['other'] } as const
const acquire = { ...settings, excludeResourceIds: [...settings.excludeResourceIds] }

const tasks: [scene: number, PairRequest][] = [
  [0, { ...identity, mode: 'individual', clientRequest: individual, acquire }],
  [2, { ...identity, mode: 'individual', clientRequest: postponed, acquire }],
  [0, { ...identity, mode: 'mix', clientRequest: mix, acquire }],
  [1, { ...identity, mode: 'web', clientRequest, acquire }],
  [1, { ...identity, clientRequest, acquire }],
]

test.each(tasks)('acquire and start of scene %i agree and are valid', (scene, task) => {
  const pair = requestPair(task)
  const start = pair.start('resource1')
  expect(pair.acquire).toEqual({
    ...identity,
    clientRequest: { ...settings, scene, startParameter: task.clientRequest },
  })
  expect(start).toEqual({
    ...identity,
    resourceId: 'resource1',
    mode: task.mode ?? 'web',
    clientRequest: task.clientRequest,
  })
  expect(start.clientRequest).toBe(pair.acquire.clientRequest.startParameter)
  expect(wrongPaths(acquireRequestSchema, pair.acquire)).toEqual([])
  expect(wrongPaths(startRequestSchema, start)).toEqual([])
})
