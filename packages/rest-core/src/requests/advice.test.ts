import { describe, expect, test } from 'vitest'
import type { CallName } from '../call.ts'
import { individual, mix, postponed } from '../testing/channelExamples.ts'
import { acquireRequest, startRequest, updateRequest } from '../testing/examples.ts'
import { set } from '../testing/fields.ts'
import { adviceOn } from './advice.ts'
import { STORAGE_REGIONS } from './storageRegions.ts'

const channel = (mode: string, clientRequest: object): object => ({
  cname: 'class42',
  uid: '900001',
  resourceId: 'r',
  mode,
  clientRequest,
})
const region = 'clientRequest.storageConfig.region'
const idle = 'clientRequest.recordingConfig.maxIdleTime'
const group = 'clientRequest.recordingConfig.subscribeUidGroup'
const interval = 'clientRequest.snapshotConfig.captureInterval'
const recorder = 'clientRequest.extensionServiceConfig.extensionServices.0.serviceParam'
const expiry = 'clientRequest.resourceExpiredHour'
const acquired = set(
  set(acquireRequest, 'clientRequest.startParameter', startRequest.clientRequest),
  'clientRequest.startParameter.extensionServiceConfig.extensionServices.0.serviceParam.maxRecordingHour',
  73,
)

const paths = (call: CallName, request: unknown): string[] => adviceOn(call, request).map(({ path }) => path)

test('the examples of each mode need none', () => {
  expect(paths('acquire', acquireRequest)).toEqual([])
  expect(paths('start', startRequest)).toEqual([])
  expect(paths('start', channel('individual', individual))).toEqual([])
  expect(paths('start', channel('mix', mix))).toEqual([])
  expect(paths('update', updateRequest)).toEqual([])
})

describe('names', () => {
  const cases: [string, string, string, string[]][] = [
    ['web', 'of 128 bytes', 'é'.repeat(64), []],
    ['web', 'of 129 bytes', `${'é'.repeat(64)}x`, ['cname']],
    ['web', 'with any characters', 'Klasse №42/ä', []],
    ['mix', 'of 63 bytes', 'x'.repeat(63), []],
    ['mix', 'of 64 bytes', 'x'.repeat(64), ['cname']],
    ['individual', 'of 64 bytes', 'x'.repeat(64), ['cname']],
    ['mix', 'with every character of a channel', 'aZ09 !#$%&()+-:;<=.>?@[]^_{}|~,', []],
    ['mix', 'with another character', 'class/42', ['cname']],
    ['mix', 'that is not ASCII', 'klässe', ['cname']],
  ]
  test.each(cases)('%s: %s', (mode, _, cname, expected) => {
    const request = mode === 'web' ? startRequest : channel(mode, mode === 'mix' ? mix : individual)
    expect(paths('start', { ...request, cname })).toEqual(expected)
    const scene = mode === 'web' ? 1 : 0
    expect(paths('acquire', { cname, uid: '1', clientRequest: { scene } })).toEqual(expected)
  })
})

test.each([
  ['start', 'a region', set(startRequest, region, 17), [region]],
  ['start', 'a region of another vendor', set(channel('mix', mix), region, 26), [region]],
  ['update', 'a region', set(updateRequest, region, 99), [region]],
  ['start', 'a listed region', set(startRequest, region, 25), []],
  ['start', 'short idle time', set(channel('mix', mix), idle, 299), [idle]],
  ['start', 'default idle time', set(channel('mix', mix), idle, undefined), [idle]],
  ['start', 'no uid group', set(channel('individual', individual), group, undefined), [group]],
  ['start', 'short interval', set(channel('individual', individual), interval, 4), [interval]],
  ['start', '31 frames', set(startRequest, `${recorder}.videoFps`, 31), [`${recorder}.videoFps`]],
  ['start', '30 frames', set(startRequest, `${recorder}.videoFps`, 30), []],
  ['acquire', 'a short expiry', acquired, [expiry]],
  ['acquire', 'an expiry that is long enough', set(acquired, expiry, 73), []],
  ['acquire', 'a retired scene', set(acquireRequest, 'clientRequest.scene', 2), ['clientRequest.scene']],
  ['start', 'what is retired', channel('individual', postponed), [idle, 'clientRequest.appsCollection']],
] as [CallName, string, unknown, string[]][])('%s: %s', (call, _, request, expected) => {
  expect(paths(call, request)).toEqual(expected)
})

test('the regions of every vendor start where its list starts', () => {
  expect(Object.entries(STORAGE_REGIONS).map(([vendor, regions]) => [vendor, regions.length])).toEqual([
    ['1', 24],
    ['2', 28],
    ['3', 20],
    ['5', 1],
    ['6', 1],
    ['7', 16],
    ['8', 7],
    ['11', 1],
  ])
})
