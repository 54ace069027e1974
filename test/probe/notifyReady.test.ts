import type { Report } from '@stillrolling/probe/types'
import type { Page } from 'playwright-core'
import { beforeAll, describe, test } from 'vitest'
import type { Reply } from './collector.ts'
import { SOON, stage } from './stage.ts'

const on = stage({ concurrent: true })

/** The recorder's function. Like the browser's own, it cannot be called unbound. */
const RECORDER = `
  window.calls = 0
  navigator.notifyReady = function () {
    if (this !== navigator) throw new TypeError('Illegal invocation')
    calls++
  }
`
const NOTIFIED = '[Stillrolling.state.phase, Stillrolling.state.notified, window.calls]'

/** Prepares a page as the recorder does, with a clock that the test controls. */
const recorder = async (page: Page) => {
  await page.clock.install()
  await page.addInitScript(RECORDER)
}

beforeAll(() => {
  on.pages.add(
    'ready',
    `<!doctype html><link rel="icon" href="data:,">
    <script src="{{reporter}}/probe.js" data-expect="#board"></script><p id="board">x</p>`,
  )
})

describe.concurrent('navigator.notifyReady', () => {
  test('is called as a method, once, when the page is loaded', async ({ expect }) => {
    const { page, first } = await on.open('made/ready', { before: recorder })
    await first('loaded')
    await expect.poll(() => page.evaluate(NOTIFIED), SOON).toEqual(['loaded', true, 1])
    for (let i = 0; i < 3; i++) await page.clock.fastForward(5000)
    expect(await page.evaluate(NOTIFIED)).toEqual(['loaded', true, 1])
  })

  test('is called as soon as it exists', async ({ expect }) => {
    const { page, first } = await on.open('made/ready', { before: (page) => page.clock.install() })
    await first('loaded')
    await page.clock.fastForward(60_000)
    expect(await page.evaluate(NOTIFIED)).toEqual(['loaded', false, undefined])
    await page.evaluate(`{ ${RECORDER} }`)
    await expect.poll(() => page.evaluate(NOTIFIED), SOON).toEqual(['loaded', true, 1])
  })

  test('does not wait for the reporter', async ({ expect }) => {
    const reply = () => ({ status: 503, problem: 'unavailable' })
    const { page } = await on.open('made/ready', { reply, before: recorder })
    await expect.poll(() => page.evaluate(NOTIFIED).catch(() => []), SOON).toEqual(['loaded', true, 1])
  })
})

describe.concurrent('the fence', () => {
  let tokens = 0
  const fenced = (reply: (report: Report) => Reply) =>
    on.open('made/ready', { token: `v1f.fenced-${++tokens}.signature`, reply, before: recorder })

  test('delays it until the report `loaded` is answered', async ({ expect }) => {
    let answer = false
    const reply = ({ type }: Report): Reply =>
      type === 'loaded' && !answer ? { status: 503, problem: 'unavailable' } : {}
    const { page, first, reports } = await fenced(reply)
    await first('loaded')
    expect(await page.evaluate(NOTIFIED)).toEqual(['loaded', false, 0])
    answer = true
    await expect.poll(() => page.evaluate(NOTIFIED), SOON).toEqual(['loaded', true, 1])
    expect(reports().filter(({ type }) => type === 'loaded').length).toBeGreaterThan(1)
  })

  test('expires after 15 s when the reporter is down', async ({ expect }) => {
    const reply = () => ({ status: 503, problem: 'unavailable' })
    const { page } = await fenced(reply)
    await expect.poll(() => page.evaluate(NOTIFIED).catch(() => []), SOON).toEqual(['loaded', false, 0])
    await page.clock.fastForward(10_000)
    expect(await page.evaluate(NOTIFIED)).toEqual(['loaded', false, 0])
    await page.clock.fastForward(5000)
    await expect.poll(() => page.evaluate(NOTIFIED), SOON).toEqual(['loaded', true, 1])
  })

  test('never expires when the attempt is superseded', async ({ expect }) => {
    const reply = ({ type }: Report): Reply => (type === 'loaded' ? { status: 410, problem: 'gone' } : {})
    const { page } = await fenced(reply)
    await expect.poll(() => page.evaluate(NOTIFIED).catch(() => []), SOON).toEqual(['superseded', false, 0])
    for (let i = 0; i < 4; i++) await page.clock.fastForward(15_000)
    expect(await page.evaluate(NOTIFIED)).toEqual(['superseded', false, 0])
  })
})
