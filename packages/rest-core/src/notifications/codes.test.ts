import fc from 'fast-check'
import { expect, test } from 'vitest'
import { leaveReasons, stopCodeName } from './codes.ts'

test('every documented stop code has a name', () => {
  expect([0, 1, 2, 3, 4, 5, 6, 7].map(stopCodeName)).toEqual([
    'ok',
    'max_recording_hour',
    'capability_limit',
    'start_engine_failed',
    'page_load_timeout',
    'access_url_failed',
    'recorder_error',
    undefined,
  ])
})

test.each([
  [0, ['init_failed']],
  [2, ['signal']],
  [4, ['no_users']],
  [6, ['signal', 'no_users']],
  [8, ['timer_catch']],
  [16, ['client_leave']],
  [30, ['signal', 'no_users', 'timer_catch', 'client_leave']],
  [33, ['bit_1', 'bit_32']],
  [2 ** 31, ['bit_2147483648']],
  [2 ** 32, []],
  [-1, []],
  [1.5, []],
  [Number.NaN, []],
])('reasons of leave code %d', (leaveCode, reasons) => {
  expect(leaveReasons(leaveCode)).toEqual(reasons)
})

test('a leave code has as many reasons as bits', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2 ** 32 - 1 }), (leaveCode) => {
      const ones = leaveCode.toString(2).replaceAll('0', '').length
      expect(leaveReasons(leaveCode)).toHaveLength(ones)
    }),
  )
})
