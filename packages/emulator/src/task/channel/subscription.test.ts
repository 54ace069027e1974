import { expect, test } from 'vitest'
import { includes, subscriptionOf } from './subscription.ts'

test.each([
  [{}, 'all', 'all'],
  [{ subscribeAudioUids: ['#allstream#'], subscribeVideoUids: ['1'] }, 'all', { only: ['1'] }],
  [{ subscribeAudioUids: ['1'] }, { only: ['1'] }, { only: [] }],
  [{ unsubscribeVideoUids: ['1'] }, { only: [] }, { except: ['1'] }],
  [{ unSubscribeAudioUids: ['1'], unSubscribeVideoUids: ['2'] }, { except: ['1'] }, { except: ['2'] }],
])('the lists %j subscribe to the audio of %j and the video of %j', (lists, audio, video) => {
  expect(subscriptionOf(lists)).toEqual({ audio, video })
})

test.each([
  ['all', true, true],
  [{ only: ['1'] }, true, false],
  [{ except: ['1'] }, false, true],
] as const)('%j has user 1: %s, user 2: %s', (users, one, two) => {
  expect([includes(users, '1'), includes(users, '2')]).toEqual([one, two])
})
