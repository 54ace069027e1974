import { setTimeout as sleep } from 'node:timers/promises'
import type { Report } from '@stillrolling/probe/types'
import { describe, expect, test } from 'vitest'
import { pageOf } from './mediaRows.ts'
import { openWindow } from './openWindow.ts'
import { stage } from './stage.ts'
import { NO_THROTTLING_FLAGS } from './throttling.ts'

const FILE = '/assets/teacher.webm'
const LOOP = `<video id="ID" src="${FILE}" autoplay muted loop></video>`
const CAMERA = 'own.camera = teacherCamera(); it.srcObject = own.camera.stream'

const HEALTHY = [
  { name: 'file', html: LOOP },
  { name: 'stream', play: CAMERA },
  { name: 'call', play: 'it.srcObject = (await call(teacherCamera().stream)).stream' },
  { name: 'fed', play: `await feed(it, '${FILE}')` },
]
const HARMED = [{ name: 'still', play: CAMERA, expect: { stall: 3 }, harm: 'own.camera.stop()' }]

/** Runs `harm` from inside the page once it is hidden, because Playwright cannot reach it then. */
const WHEN_HIDDEN = `document.addEventListener('visibilitychange', () => {
  if (document.hidden) window.all('harm')
})`

const failing = (reports: Report[]): string[] =>
  reports.flatMap(({ checks, media }) =>
    [...checks, ...media].filter(({ ok }) => !ok).map(({ name, detail }) => `${name}: ${detail}`),
  )

describe.for([
  ['as the recorder starts it', []],
  ['that throttles timers', NO_THROTTLING_FLAGS],
] as const)('a minimised window, in a browser %s', ([, without]) => {
  const on = stage({ ignoreDefaultArgs: without })

  test('causes no false alarm; media that stand still are reported, because time advances in hidden pages', async () => {
    on.pages.add('hidden', pageOf([...HEALTHY, ...HARMED], WHEN_HIDDEN))
    on.collector.reply = () => ({ interval: 1 })
    const window = await openWindow(on.launched, `${on.pages.url}/made/hidden?stillrolling=v1.hidden.x`)
    const { reports } = on.collector
    const loadedAt = () => reports.findIndex(({ type }) => type === 'loaded')
    await expect.poll(loadedAt, { timeout: 30_000 }).toBeGreaterThan(0)
    await window.minimise()

    const hidden = () => reports.filter(({ visible }) => !visible)
    const failuresOf = (name: string) =>
      hidden().flatMap(({ media }) => media.filter((check) => check.name === name && !check.ok))
    await expect.poll(() => failuresOf('still').length, { timeout: 30_000 }).toBeGreaterThan(0)
    expect(failuresOf('still')[0]?.detail).toMatch(/^no frames: no progress for 3 s/)
    for (const { name } of HEALTHY) expect.soft(failuresOf(name), name).toEqual([])
    // Nothing is painted there, so frames can only be required to be decoded.
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
    // Reports before `loaded` list what is missing.
    const later = failing(reports.slice(loadedAt())).join()
    for (const { name } of HEALTHY) expect.soft(later, name).not.toContain(`${name}: `)
    await window.close()
  })
})

describe('late ticks', () => {
  const on = stage()

  test('of a page whose main thread is busy for two of three seconds cause no false alarm', async ({
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

  test.for([3500, 9000])(
    'of a page that was halted for %d ms cause no false alarm',
    async (ms, { expect }) => {
      on.pages.add('halted', pageOf(HEALTHY))
      on.collector.reply = () => ({ interval: 1 })
      const { page, first, reports } = await on.open('made/halted')
      const loaded = await first('loaded', 30_000)
      const session = await page.context().newCDPSession(page)
      // The debugger halts it: Chromium does not freeze visible pages, and those of Playwright count as visible.
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
    },
  )
})
