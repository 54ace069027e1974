import { describe, expect, test } from 'vitest'
import { openStage } from './stage.ts'
import { record, recordFor, type Story } from './story.ts'

/* Agora's best practices for cloud recording, number 9: the name of a file is known before Agora lists it. */

const filesOf = async (story: Story) =>
  (await story.view()).files.map(({ name, status }) => ({ name, status }))

/** A special character of a channel's name becomes a hyphen in names of files. */
const CHANNEL = 'room_7.a'

describe('the playlist in composite mode', () => {
  test('is predicted as soon as there is a sid, and confirmed by a query after 15 s', async () => {
    const stage = await openStage({ emulator: { users: 1, openDelay: 0 } })
    stage.emulator.setNotificationTarget(null)
    const lesson = await record(stage, { channel: CHANNEL })
    const name = `lesson/a1/${await lesson.sid()}_room-7-a.m3u8`
    expect(await filesOf(lesson)).toEqual([{ name, status: 'predicted' }])
    await stage.pass(16)
    expect(await filesOf(lesson)).toEqual([{ name, status: 'confirmed' }])
    expect(lesson.calls('query').map(({ at }) => at)).toEqual([5, 15])
  })

  test('is asked for again after a minute if it was not there, and another minute later', async () => {
    const stage = await openStage({ emulator: { users: 1, openDelay: 0, fileDelay: 110 } })
    stage.emulator.setNotificationTarget(null)
    const lesson = await record(stage)
    await stage.pass(119)
    expect(await filesOf(lesson)).toMatchObject([{ status: 'predicted' }])
    await stage.pass(2)
    expect(await filesOf(lesson)).toMatchObject([{ status: 'confirmed' }])
    expect(lesson.calls('query').map(({ at }) => at)).toEqual([5, 15, 60, 120])
  })

  test('is confirmed by a notification before a query lists it', async () => {
    const stage = await openStage({ emulator: { users: 1, openDelay: 0, fileDelay: 8 } })
    const lesson = await record(stage)
    await stage.pass(9)
    expect(await filesOf(lesson)).toMatchObject([{ status: 'confirmed' }])
    expect(lesson.calls('query').map(({ at }) => at)).toEqual([5])
  })

  test('and its MP4 file are both predicted, and both confirmed', async () => {
    const stage = await openStage({ emulator: { users: 1 } })
    const lesson = await record(stage, { recordingFileConfig: { avFileType: ['hls', 'mp4'] } })
    const path = `lesson/a1/${await lesson.sid()}_room-7`
    const names = [`${path}.m3u8`, `${path}_0.mp4`]
    expect(await filesOf(lesson)).toEqual(names.map((name) => ({ name, status: 'predicted' })))
    await stage.pass(61)
    expect(await filesOf(lesson)).toEqual(names.map((name) => ({ name, status: 'confirmed' })))
  })

  test('has bak0_ in front after a failover; the one before stays listed', async () => {
    const { stage, lesson } = await recordFor(100)
    const sid = await lesson.sid()
    await stage.emulator.runCommand(sid, { do: 'failover', seconds: 20, newUid: '4000000001' })
    await stage.pass(150)
    expect(await filesOf(lesson)).toEqual([
      { name: `lesson/a1/${sid}_room-7.m3u8`, status: 'confirmed' },
      { name: `lesson/a1/bak0_${sid}_room-7.m3u8`, status: 'confirmed' },
    ])
  })

  test('of each attempt is listed, in a folder of its own', async () => {
    const { stage, lesson } = await recordFor(30)
    await stage.api.restart('lesson')
    await stage.pass(90)
    const folders = (await filesOf(lesson)).map(({ name }) => name.split('/').slice(0, 2).join('/'))
    expect(folders).toEqual(['lesson/a1', 'lesson/a2'])
  })
})

test('in individual mode each track of each user is listed after a minute, and none is predicted', async () => {
  const stage = await openStage({ emulator: { users: 2 } })
  stage.emulator.setNotificationTarget(null)
  const lesson = await record(stage, {
    mode: 'individual',
    recordingConfig: { channelType: 1, subscribeUidGroup: 0 },
  })
  await stage.pass(59)
  expect(await filesOf(lesson)).toEqual([])
  await stage.pass(70)
  const path = `lesson/a1/${await lesson.sid()}_room-7`
  expect((await filesOf(lesson)).map(({ name }) => name).sort()).toEqual([
    `${path}__uid_s_1__uid_e_audio.m3u8`,
    `${path}__uid_s_1__uid_e_video.m3u8`,
    `${path}__uid_s_2__uid_e_audio.m3u8`,
    `${path}__uid_s_2__uid_e_video.m3u8`,
  ])
})

test('an empty channel has no files, and attention names none as missing', async () => {
  const stage = await openStage()
  const lesson = await record(stage, { recordingConfig: { channelType: 1, maxIdleTime: 2000 } })
  await stage.pass(600)
  expect(await lesson.view()).toMatchObject({ state: 'rolling', attention: [] })
  expect(await filesOf(lesson)).toMatchObject([{ status: 'predicted' }])
})
