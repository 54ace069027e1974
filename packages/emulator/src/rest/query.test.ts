import { afterEach, describe, expect, test } from 'vitest'
import { createTestBench, NO_TASK, type TestBench } from '../testing/client.ts'

let bench: TestBench
afterEach(() => bench.emulator.close())

const open = async (...options: Parameters<typeof createTestBench>): Promise<TestBench> => {
  bench = await createTestBench(...options)
  return bench
}

const HOUR = 3600

describe('query', () => {
  test('200 shows the progress of the task', async () => {
    const { run, on, clock } = await open({ openDelay: 5 })
    const task = await run({ web: { readyTimeout: 30 } })
    const progress = async () => {
      const { serverResponse } = (await on(task, 'query')).body as {
        serverResponse: { status: number; extensionServiceState: { payload: { state: string } }[] }
      }
      return [serverResponse.status, serverResponse.extensionServiceState[0]?.payload.state]
    }
    expect(await progress()).toEqual([1, 'init'])
    await clock.advance(5)
    expect(await progress()).toEqual([4, 'init'])
    await bench.emulator.runCommand(task.sid, { do: 'notifyReady' })
    expect(await progress()).toEqual([5, 'inProgress'])
    await on(task, 'stop', { async_stop: true })
    expect(await progress()).toEqual([6, 'exit'])
  })

  test('200 lists the files, named as Agora names them', async () => {
    const { run, on, clock } = await open()
    const task = await run({ cname: 'a.b c#1' })
    await clock.advance(2 * HOUR)
    const { sid } = task
    const start = Date.UTC(2026, 0, 1) / 1000
    expect((await on(task, 'query')).body).toEqual({
      ...task,
      serverResponse: {
        status: 5,
        extensionServiceState: [
          {
            serviceName: 'web_recorder_service',
            payload: {
              state: 'inProgress',
              onhold: false,
              fileList: [
                { filename: `class42/a1/${sid}_a-b c-1.m3u8`, sliceStartTime: start },
                { filename: `class42/a1/${sid}_a-b c-1_0.mp4`, sliceStartTime: start },
                { filename: `class42/a1/${sid}_a-b c-1_1.mp4`, sliceStartTime: start + 2 * HOUR },
              ],
            },
          },
        ],
      },
    })
  })

  test('404/404 for an unknown id, after the end, and after resourceExpiredHour', async () => {
    const { start, acquire, run, on, clock, emulator } = await open()
    const ended = await run()
    expect(await on({ ...ended, sid: 'unknown' }, 'query')).toEqual(NO_TASK)
    expect(await on({ ...ended, resourceId: 'unknown' }, 'query')).toEqual(NO_TASK)
    await on(ended, 'stop', { async_stop: true })
    await clock.advance(1)
    for (const call of ['query', 'update', 'stop'] as const) expect(await on(ended, call)).toEqual(NO_TASK)

    const resourceId = String((await acquire({ resourceExpiredHour: 1 })).body.resourceId)
    const expiring = (await start(resourceId)).body as unknown as typeof ended
    await clock.advance(HOUR - 2)
    expect((await on(expiring, 'query')).status).toBe(200)
    await clock.advance(2)
    for (const call of ['query', 'update', 'stop'] as const) expect(await on(expiring, call)).toEqual(NO_TASK)
    expect(emulator.tasks().at(-1)).toMatchObject({ state: 'recording' })
  })

  test('404/404 for the given time after the command notFound, while the task continues', async () => {
    const { run, on, clock, emulator } = await open()
    const task = await run()
    await emulator.runCommand(task.sid, { do: 'notFound', seconds: 60 })
    for (const call of ['query', 'update', 'stop'] as const) expect((await on(task, call)).status).toBe(404)
    expect(emulator.tasks()).toMatchObject([{ state: 'recording' }])
    await clock.advance(60)
    expect((await on(task, 'query')).status).toBe(200)
  })
})
