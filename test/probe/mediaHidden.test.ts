import { setTimeout as sleep } from 'node:timers/promises'
import type { Report } from '@stillrolling/probe/types'
import { describe, expect, test } from 'vitest'
import { pageOf } from './mediaRows.ts'
import { openWindow } from './openWindow.ts'
import { stage } from './stage.ts'
import { AGAINST_THROTTLING } from './throttling.ts'

const FILE = '/assets/teacher.webm'
const LOOP = `<video id="ID" src="${FILE}" autoplay muted loop></video>`
const CAMERA = 'own.camera = teacherCamera(); it.srcObject = own.camera.stream'

const WELL = [
  { name: 'file', html: LOOP },
  { name: 'stream', play: CAMERA },
  { name: 'call', play: 'it.srcObject = (await call(teacherCamera().stream)).stream' },
  { name: 'fed', play: `await feed(it, '${FILE}')` },
]
const HARMED = [{ name: 'still', play: CAMERA, expect: { stall: 3 }, harm: 'own.camera.stop()' }]

/** Harms what can be harmed once the page is hidden: it cannot be reached from outside then. */
const WHEN_HIDDEN = `document.addEventListener('visibilitychange', () => {
  if (document.hidden) window.all('harm')
})`

const failing = (reports: Report[]): string[] =>
  reports.flatMap(({ checks, media }) =>
    [...checks, ...media].filter(({ ok }) => !ok).map(({ name, detail }) => `${name}: ${detail}`),
  )

describe.for([
  ['as recorders start it', []],
  ['that holds back timers', AGAINST_THROTTLING],
] as const)('a minimised window, in a browser %s', ([, without]) => {
  const on = stage([], without)

  test('raises no false alarm; what stands still there is told, as time runs on in hidden pages', async () => {
    on.pages.add('hidden', pageOf([...WELL, ...HARMED], WHEN_HIDDEN))
    on.collector.reply = () => ({ interval: 1 })
    const window = await openWindow(on.launched, `${on.pages.url}/made/hidden?stillrolling=v1.hidden.x`)
    const { reports } = on.collector
    const loadedAt = () => reports.findIndex(({ type }) => type === 'loaded')
    await expect.poll(loadedAt, { timeout: 30_000 }).toBeGreaterThan(0)
    await window.minimise()

    const hidden = () => reports.filter(({ visible }) => !visible)
    const told = (name: string) =>
      hidden().flatMap(({ media }) => media.filter((check) => check.name === name && !check.ok))
    await expect.poll(() => told('still').length, { timeout: 30_000 }).toBeGreaterThan(0)
    expect(told('still')[0]?.detail).toMatch(/^no frames: no progress for 3 s/)
    for (const { name } of WELL) expect.soft(told(name), name).toEqual([])
    // Nothing is painted there: of frames no more can be asked than that they are decoded.
    expect(
      hidden()
        .slice(1)
        .every(({ frames }) => frames === 0),
    ).toBe(true)

    const since = reports.length
    await window.restore()
    await expect
      .poll(() => reports.slice(since).filter(({ visible }) => visible).length, { timeout: 20_000 })
      .toBeGreaterThan(4)
    // Before that they say what is missing.
    const later = failing(reports.slice(loadedAt())).join()
    for (const { name } of WELL) expect.soft(later, name).not.toContain(`${name}: `)
    await window.close()
  })
})

describe('a page that comes late', () => {
  const on = stage()

  test('to its ticks, as its main thread is busy for two of three seconds, raises no false alarm', async ({
    expect,
  }) => {
    on.collector.reply = () => ({ interval: 1 })
    const { first, reports } = await on.open('long-tasks.html')
    const loaded = await first('loaded', 60_000)
    const since = () => reports().filter(({ at }) => at >= loaded.at)
    await expect.poll(() => since().length, { timeout: 40_000 }).toBeGreaterThan(8)
    expect(failing(since())).toEqual([])
    expect(Math.max(...since().map(({ late }) => late))).toBeGreaterThan(500)
  })

  test.for([3500, 9000])('after it was halted for %d ms raises no false alarm', async (ms, { expect }) => {
    on.pages.add('halted', pageOf(WELL))
    on.collector.reply = () => ({ interval: 1 })
    const { page, first, reports } = await on.open('made/halted')
    const loaded = await first('loaded', 30_000)
    const session = await page.context().newCDPSession(page)
    // Held at its next statement: pages of Playwright's count as visible, and those are not frozen by their state.
    await session.send('Debugger.enable')
    await session.send('Debugger.pause')
    await sleep(ms)
    await session.send('Debugger.resume')
    await session.send('Debugger.disable')
    const late = () => reports().filter((report) => report.late > ms - 1500)
    await expect.poll(() => late().length, { timeout: 15_000 }).toBeGreaterThan(0)
    const resumed = reports().length
    await expect.poll(() => reports().length, { timeout: 15_000 }).toBeGreaterThan(resumed + 4)
    expect(failing(reports().filter(({ at }) => at >= loaded.at))).toEqual([])
  })
})
