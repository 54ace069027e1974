import fc from 'fast-check'
import { expect, test } from 'vitest'
import { cnameInFileNames, type FileNameParts, fileNames } from './fileNames.ts'
import { type ParsedFileName, parseFileName } from './parseFileName.ts'

const sid = '38f8e3cfdc474cd56fc1ceba380d7e1a'

const pictures: [Partial<FileNameParts>, playlist: string, mp4: string][] = [
  [{}, `${sid}_class42.m3u8`, `${sid}_class42_0.mp4`],
  [{ fileNamePrefix: [] }, `${sid}_class42.m3u8`, `${sid}_class42_0.mp4`],
  [{ fileNamePrefix: ['a', 'B2'] }, `a/B2/${sid}_class42.m3u8`, `a/B2/${sid}_class42_0.mp4`],
  [{ failovers: 0 }, `${sid}_class42.m3u8`, `${sid}_class42_0.mp4`],
  [{ failovers: 1 }, `bak0_${sid}_class42.m3u8`, `bak0_${sid}_class42_0.mp4`],
  [{ failovers: 3, fileNamePrefix: ['a'] }, `a/bak2_${sid}_class42.m3u8`, `a/bak2_${sid}_class42_0.mp4`],
  [{ cname: 'room_7.b' }, `${sid}_room-7-b.m3u8`, `${sid}_room-7-b_0.mp4`],
  [{ cname: 'Klasse 4-é' }, `${sid}_Klasse 4-é.m3u8`, `${sid}_Klasse 4-é_0.mp4`],
]

test.each(pictures)('names in composite and web page mode: %j', (recording, playlist, mp4) => {
  for (const mode of ['mix', 'web'] as const) {
    const names = fileNames({ mode, sid, cname: 'class42', ...recording })
    expect([names.playlist, names.mp4(0)]).toEqual([playlist, mp4])
  }
})

test('names in individual mode', () => {
  const recording = { mode: 'individual', sid, cname: 'class_42', fileNamePrefix: ['a'] } as const
  expect(fileNames(recording).playlist('123', 'video')).toBe(`a/${sid}_class-42__uid_s_123__uid_e_video.m3u8`)
  expect(fileNames({ ...recording, failovers: 2 }).playlist('123', 'audio')).toBe(
    `a/bak1_${sid}_class-42__uid_s_123__uid_e_audio.m3u8`,
  )
})

test.each([...'!@#$%^&*()+_.=[]{}~|,;:?<>'])('%s in a cname becomes -', (character) => {
  expect(cnameInFileNames(`a${character}${character}b`)).toBe('a--b')
})

const rest = { fileNamePrefix: [], sid: 'sid713', cname: 'room', failovers: 0 }
const at = Date.UTC(2019, 8, 20, 12, 51, 42, 485)
const user = { uid: '123', track: 'video' }

const parsed: [string, ParsedFileName | undefined][] = [
  ['sid713_room.m3u8', { ...rest, kind: 'playlist' }],
  ['sid713_room_0.mp4', { ...rest, kind: 'mp4', index: 0 }],
  ['sid713_room_12.mp4', { ...rest, kind: 'mp4', index: 12 }],
  ['a/b/sid713_room.m3u8', { ...rest, fileNamePrefix: ['a', 'b'], kind: 'playlist' }],
  ['bak0_sid713_room.m3u8', { ...rest, failovers: 1, kind: 'playlist' }],
  ['a/bak2_sid713_room_1.mp4', { ...rest, fileNamePrefix: ['a'], failovers: 3, kind: 'mp4', index: 1 }],
  ['sid713_room_20190920125142485.ts', { ...rest, kind: 'slice', startedAtMs: at }],
  ['sid713_room__uid_s_123__uid_e_video.m3u8', { ...rest, ...user, kind: 'playlist' }],
  ['sid713_room__uid_s_123__uid_e_video.mpd', { ...rest, ...user, kind: 'playlist' }],
  [
    'sid713_room__uid_s_123__uid_e_video_20190920125142485.webm',
    { ...rest, ...user, kind: 'slice', startedAtMs: at },
  ],
  [
    'bak0_sid713_room__uid_s_123__uid_e_video_20190920125142485.jpg',
    { ...rest, ...user, failovers: 1, kind: 'screenshot', startedAtMs: at },
  ],
  [
    'sid713_room__uid_s_123__uid_e_video_22194679897_3.m3u8',
    { ...rest, ...user, kind: 'playlist', version: 3 },
  ],
  ['sid713_room_22194679897_0.m3u8', { ...rest, kind: 'playlist', version: 0 }],
  ['', undefined],
  ['room.m3u8', undefined],
  ['sid713_room', undefined],
  ['sid713_room.txt', undefined],
  ['sid713_room.constructor', undefined],
  ['sid713_room.mp4', undefined],
  ['sid713_room_7.m3u8', undefined],
  ['sid713_room_7.ts', undefined],
  ['sid713_room_20191320125142485.ts', undefined],
  ['sid713_room_a_b.m3u8', undefined],
]

test.each(parsed)('parses %j', (name, expected) => {
  expect(parseFileName(name)).toEqual(expected)
})

test('parsing a name returns its parts', () => {
  const word = fc.stringMatching(/^[A-Za-z0-9]{1,8}$/)
  const recording = fc.record({
    sid: fc.stringMatching(/^[0-9a-f]{32}$/),
    cname: fc.string({ minLength: 1 }).filter((cname) => !cname.includes('/')),
    fileNamePrefix: fc.array(word, { maxLength: 3 }),
    failovers: fc.nat(4),
  })
  fc.assert(
    fc.property(recording, fc.nat(), fc.nat(), (named, index, uid) => {
      const { playlist, mp4 } = fileNames({ mode: 'mix', ...named })
      const read = { ...named, cname: cnameInFileNames(named.cname) }
      expect(parseFileName(playlist)).toEqual({ ...read, kind: 'playlist' })
      expect(parseFileName(mp4(index))).toEqual({ ...read, kind: 'mp4', index })
      const users = fileNames({ mode: 'individual', ...named })
      const theirs = { uid: String(uid), track: 'audio', kind: 'playlist' }
      expect(parseFileName(users.playlist(String(uid), 'audio'))).toEqual({ ...read, ...theirs })
    }),
  )
})

test('any text is parsed or refused without an exception', () => {
  const text = fc.stringMatching(
    /^(bak\d_)?[a_/.0-9-]{0,20}(__uid_s_\d+__uid_e_video)?[_0-9]{0,9}\.(m3u8|mp4|ts)$/,
  )
  fc.assert(
    fc.property(fc.oneof(fc.string(), text), (name) => {
      const result = parseFileName(name)
      expect(result === undefined || name.includes(result.sid)).toBe(true)
    }),
  )
})
