import { afterEach, describe, expect, test } from 'vitest'
import { createTestBench, type TestBench } from '../testing/client.ts'

let bench: TestBench
afterEach(() => bench.emulator.close())

const open = async (...options: Parameters<typeof createTestBench>): Promise<TestBench> => {
  bench = await createTestBench(...options)
  return bench
}

describe('stop', () => {
  test('200 immediately if asynchronous, with uploadingStatus unknown', async () => {
    const { run, on } = await open()
    const task = await run()
    expect(await on(task, 'stop', { async_stop: true })).toMatchObject({
      status: 200,
      body: {
        ...task,
        serverResponse: {
          extensionServiceState: [
            { serviceName: 'upload_service', payload: { uploadingStatus: 'unknown' } },
            { serviceName: 'web_recorder_service', payload: { state: 'exit', fileList: [{}, {}] } },
          ],
        },
      },
    })
  })

  const stopping = async (options?: Parameters<typeof createTestBench>[0]) => {
    const { run, on, emulator } = await open(options)
    const task = await run()
    const answer = on(task, 'stop')
    await expect.poll(() => emulator.tasks()[0]?.state).toBe('exiting')
    return { task, answer }
  }

  test('200 after the upload if synchronous', async () => {
    const { answer } = await stopping()
    await bench.clock.advance(0.5)
    expect(await answer).toMatchObject({
      status: 200,
      body: { serverResponse: { extensionServiceState: [{ payload: { uploadingStatus: 'uploaded' } }, {}] } },
    })
    expect(bench.emulator.tasks()).toMatchObject([
      { state: 'ended', status: 8, stop: { code: 0, message: 'ok' } },
    ])
  })

  test.each([
    ['backedUp', 'backuped'],
    ['failing', 'unknown'],
    ['credentialsExpired', 'unknown'],
  ] as const)('uploadingStatus after the upload of files that are %s: %s', async (as, uploadingStatus) => {
    const { run, on, emulator, clock } = await open()
    const task = await run()
    await emulator.runCommand(task.sid, { do: 'uploads', as })
    const answer = on(task, 'stop')
    await expect.poll(() => emulator.tasks()[0]?.state).toBe('exiting')
    await clock.advance(0.5)
    expect((await answer).body).toMatchObject({
      serverResponse: { extensionServiceState: [{ payload: { uploadingStatus } }, {}] },
    })
  })

  test('206/435 when the task has no files', async () => {
    const { run, on, emulator } = await open()
    const task = await run()
    await emulator.runCommand(task.sid, { do: 'uploads', as: 'noFiles' })
    expect(await on(task, 'stop', { async_stop: true })).toMatchObject({ status: 206, body: { code: 435 } })
  })

  test('code 50 when the upload outlasts 20 s', async () => {
    const { answer } = await stopping({ exitDelay: 30 })
    await bench.clock.advance(20)
    expect((await answer).body).toMatchObject({ code: 50 })
  })

  test('400/49 when the task is already exiting', async () => {
    const { task, answer } = await stopping()
    expect(await bench.on(task, 'stop')).toEqual({
      status: 400,
      body: { code: 49, reason: 'invalid operation' },
    })
    await bench.clock.advance(1)
    await answer
  })

  test('206/435 when nothing was recorded; the task ends', async () => {
    const { run, on, clock, emulator } = await open({ openDelay: 5 })
    const task = await run()
    expect(await on(task, 'stop')).toEqual({ status: 206, body: { code: 435, reason: 'no recorded data' } })
    await clock.advance(1)
    expect(emulator.tasks()).toMatchObject([{ state: 'ended', page: 'none' }])
  })

  test('400/432 for another cname or uid than that of the task, 400/2 names the field', async () => {
    const { run, on } = await open()
    const task = await run()
    for (const other of [{ cname: 'other' }, { uid: '7' }]) {
      expect(await on({ ...task, ...other }, 'stop')).toEqual({
        status: 400,
        body: { code: 432, reason: 'invalid parameter' },
      })
    }
    expect(await on(task, 'stop', { async_stop: 1 })).toEqual({
      status: 400,
      body: { code: 2, reason: 'Stop: invalid async_stop value!' },
    })
  })
})
