import { expect, test } from 'vitest'
import { formatPlaylist, timeInName } from './playlist.ts'

const STARTED = Date.UTC(2026, 5, 11, 7, 32, 46, 73)

test('the time of a slice is in UTC, to the millisecond', () =>
  expect(timeInName(STARTED)).toBe('20260611073246073'))

const SLICES = [
  { name: 'a_20260611073246073.ts', startedAt: STARTED, seconds: 15.021333 },
  { name: 'a_20260611073301094.ts', startedAt: STARTED + 15_021, seconds: 3 },
]

test('a playlist lists its slices, and ends when the recording has ended', () => {
  const growing = formatPlaylist({ slices: SLICES, complete: false })
  expect(growing).toBe(`#EXTM3U
#EXT-X-VERSION:3
#EXT-X-MEDIA-SEQUENCE:0
#EXT-X-ALLOW-CACHE:YES
#EXT-X-TARGETDURATION:15
#EXT-X-AGORA-TRACK-EVENT:EVENT=START,TRACK_TYPE=VIDEO,TIME=20260611073246073
#EXTINF:15.021333,
a_20260611073246073.ts
#EXTINF:3.000000,
a_20260611073301094.ts
`)
  expect(formatPlaylist({ slices: SLICES, complete: true })).toBe(`${growing}#EXT-X-ENDLIST\n`)
})
