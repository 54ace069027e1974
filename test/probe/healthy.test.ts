import { expect, test } from 'vitest'
import { stage } from './stage.ts'

const on = stage()

test('the healthy example loads without a heartbeat, and its reports contain the sid after the first answer', async () => {
  const { first, reports } = await on.open('example/healthy.html')
  const loaded = await first('loaded')
  expect(loaded.checks.map(({ name, ok }) => [name, ok])).toEqual([
    ['#board', true],
    ['#clock', true],
    ['video.teacher', true],
  ])
  expect(loaded).toMatchObject({ sid: 'sid1', seq: 2, media: [{ ok: true }], errors: 0, failed: 0 })
  expect(loaded.frames).toBeGreaterThan(0)
  expect(reports().map(({ type }) => type)).toEqual(['hello', 'loaded'])
})
