import { describe, expect, test } from 'vitest'
import { channelUpdate, updateLayoutRequest } from '../testing/channelExamples.ts'
import { updateRequest } from '../testing/examples.ts'
import { set, wrongPaths } from '../testing/fields.ts'
import { updateLayoutRequestSchema, updateRequestSchema } from './update.ts'

const subscribe = 'clientRequest.streamSubscribe'
const uids = (length: number): string[] => Array.from({ length }, (_, index) => String(index + 1))

describe('update of a channel', () => {
  const valid: [string, unknown][] = [
    ['mode', 'individual'],
    [subscribe, undefined],
    ['clientRequest.storageConfig', undefined],
    [`${subscribe}.audioUidList`, undefined],
    [`${subscribe}.audioUidList`, { unSubscribeAudioUids: uids(32) }],
  ]
  test.each(valid)('accepts %s %j', (path, value) => {
    expect(wrongPaths(updateRequestSchema, set(channelUpdate, path, value))).toEqual([])
  })

  const invalid: [string, unknown, at?: string][] = [
    ['mode', 'video'],
    ['mode', 'web', subscribe],
    ['sid', ''],
    ['clientRequest', {}],
    [subscribe, {}],
    [`${subscribe}.audioUidList`, {}],
    [
      `${subscribe}.videoUidList`,
      { unsubscribeVideoUids: uids(33) },
      `${subscribe}.videoUidList.unsubscribeVideoUids`,
    ],
    [`${subscribe}.videoUidList.subscribeVideoUids`, ['1'], `${subscribe}.videoUidList.unsubscribeVideoUids`],
    [`${subscribe}.videoUidList.subscribeAudioUids`, ['1']],
    ['clientRequest.webRecordingConfig', { onhold: true }],
  ]
  test.each(invalid)('refuses %s %j', (path, value, at = path) => {
    expect(wrongPaths(updateRequestSchema, set(channelUpdate, path, value))).toContain(at)
  })

  test('a web page recording has no streams', () => {
    const invalid = set(updateRequest, subscribe, channelUpdate.clientRequest)
    expect(wrongPaths(updateRequestSchema, invalid)).toEqual([subscribe])
  })
})

describe('updateLayout', () => {
  const layout = 'clientRequest'
  const region = { x_axis: 0, y_axis: 0, width: 1, height: 1 }

  test.each([
    [layout, {}],
    [`${layout}.mixedVideoLayout`, 0],
    [layout, { mixedVideoLayout: 3, layoutConfig: [region] }],
  ])('accepts %s %j', (path, value) => {
    expect(wrongPaths(updateLayoutRequestSchema, set(updateLayoutRequest, path, value))).toEqual([])
  })

  const invalid: [string, unknown, at?: string][] = [
    ['mode', 'web'],
    ['mode', 'individual'],
    ['mode', undefined],
    [`${layout}.width`, 360],
    [`${layout}.mixedVideoLayout`, 3, `${layout}.layoutConfig`],
    [`${layout}.layoutConfig`, [region]],
    [layout, undefined],
  ]
  test.each(invalid)('refuses %s %j', (path, value, at = path) => {
    expect(wrongPaths(updateLayoutRequestSchema, set(updateLayoutRequest, path, value))).toContain(at)
  })
})
