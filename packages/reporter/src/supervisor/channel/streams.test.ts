import { describe, expect, test } from 'vitest'
import { rollingChannel, trackChannel } from '../testing/trackedChannel.ts'

describe('files', () => {
  test('are not missed in a channel in which no user sends', () => {
    const it = rollingChannel().pass(1200, { agora: { files: [] } })
    expect(it.recording.attention).toEqual([])
  })

  test('are missed if Agora receives streams and lists none', () => {
    const it = rollingChannel().notification(43, { streamUid: '7', state: 0 })
    it.pass(300, { agora: { files: [] } })
    expect(it.recording.attention.map(({ code }) => code)).toEqual(['no_files'])
  })

  test('are missed if Agora has begun to write and lists none', () => {
    const it = rollingChannel()
      .notification(42)
      .pass(300, { agora: { files: [] } })
    expect(it.recording.attention.map(({ code }) => code)).toEqual(['no_files'])
  })
})

describe('attention', () => {
  test('says that maxIdleTime is short when the recording is created, and ends with it', () => {
    const it = trackChannel({}, 30)
    expect(it.recording.attention).toMatchObject([
      { code: 'short_idle_time', message: expect.stringContaining('300 s') },
    ])
    expect(it.stop().recording.attention).toEqual([])
    expect(trackChannel({}, 300).recording.attention).toEqual([])
  })

  test('says that nothing is received once every stream is gone, until one is back', () => {
    const it = rollingChannel().notification(43, { streamUid: '7', state: 0 })
    it.notification(44, { streamUid: '7', state: 0 }).notification(43, { streamUid: '7', state: 1 })
    expect(it.recording.attention).toEqual([])
    it.notification(44, { streamUid: '7', state: 1 })
    expect(it.recording.attention.map(({ code }) => code)).toEqual(['nothing_received'])
    expect(it.state).toBe('rolling')
    expect(it.notification(44, { streamUid: '8', state: 0 }).recording.attention).toEqual([])
  })

  test('remembers a bounded number of streams, and those that are received first', () => {
    const it = rollingChannel().notification(43, { streamUid: 'first', state: 0 })
    for (let uid = 0; uid < 200; uid += 1) it.notification(44, { streamUid: `${uid}`, state: 1 })
    const { streams } = it.newest
    expect(Object.keys(streams)).toHaveLength(64)
    expect(streams['audio first']?.received).toBe(true)
  })

  test('knows the last state of a stream, whatever the order of the notifications', () => {
    const it = rollingChannel().notification(43, { streamUid: '7', state: 0, sequence: 1 })
    it.notification(43, { streamUid: '7', state: 0, sequence: 4 })
    it.notification(43, { streamUid: '7', state: 1, sequence: 3 })
    expect(it.recording.attention).toEqual([])
  })

  test('forgets the streams of a session that a failover has ended', () => {
    const it = rollingChannel()
      .notification(43, { streamUid: '7', state: 1 })
      .notification(12, { newUid: '77' })
    expect(it.newest.streams).toEqual({})
    expect(it.recording.attention).toEqual([])
  })
})
