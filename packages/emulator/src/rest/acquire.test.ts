import { afterEach, describe, expect, test } from 'vitest'
import { createTestBench, type TestBench } from '../testing/client.ts'

let bench: TestBench
afterEach(() => bench.emulator.close())

const open = async (...options: Parameters<typeof createTestBench>): Promise<TestBench> => {
  bench = await createTestBench(...options)
  return bench
}

describe('acquire', () => {
  test('400/406 when the largest number of tasks is running', async () => {
    const { acquire, run } = await open({ concurrency: 1 })
    await run()
    expect(await acquire()).toEqual({ status: 400, body: { code: 406, reason: 'vendor_over_load' } })
  })

  test('200 echoes cname and uid', async () => {
    const { acquire } = await open()
    expect(await acquire()).toEqual({
      status: 200,
      body: { cname: 'class42', uid: '900001', resourceId: expect.stringMatching(/^[\w-]{100,}$/) },
    })
  })
})
