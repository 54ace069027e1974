import type { Expectation, Report } from '@stillrolling/probe/types'
import { expect, test } from 'vitest'
import type { Recorded, Stage } from './stage.ts'

/**
 * A medium, what is done to it, and what a probe must say of it. Scripts see `it`, the element, and `own`, an object
 * that the row keeps between them; they may wait.
 */
export interface MediaRow {
  name: string
  /** `ID` stands for an id of the row's own. @default a video that plays what it gets, without its sound */
  html?: string
  /** Runs when the page opens: makes it play. */
  play?: string
  /** How it is expected to be, beside that it plays. */
  expect?: Expectation
  /** Runs once everything plays. The time that counts begins when it has ended. */
  harm?: string
  /** How reports tell of the fault. Without: it stays well, whatever was done to it. */
  detail?: RegExp
  /** Seconds that the fault must last before it is told. @default 1, a fault that is seen at two looks in a row */
  after?: number
  /** Runs when all faults have been told: takes it away. */
  mend?: string
}

const CELL = { width: 160, height: 120, perLine: 8 } as const
const VIDEO = '<video id="ID" autoplay muted playsinline></video>'

const cell = ({ html = VIDEO }: MediaRow, index: number): string => {
  const left = (index % CELL.perLine) * CELL.width
  const top = Math.floor(index / CELL.perLine) * CELL.height
  return `<section style="left:${left}px;top:${top}px">${html.replaceAll('ID', `row${index}`)}</section>`
}

const scriptOf = ({ play = '', harm = '', mend = '' }: MediaRow, index: number): string => `{
  it: document.getElementById('row${index}'),
  own: {},
  async play({ it, own }) { ${play} },
  async harm({ it, own }) { ${harm} },
  async mend({ it, own }) { ${mend} },
}`

/** @param script runs before anything plays */
export const pageOf = (rows: readonly MediaRow[], script = ''): string => {
  const media = rows.map(({ name, expect }, index) => ({ name, media: `#row${index}`, ...expect }))
  return `<!doctype html>
<meta charset="utf-8">
<style>body { margin: 0 } section { position: absolute; width: 150px; height: 110px } video { width: 128px }</style>
<script src="{{reporter}}/probe.js" data-media='${JSON.stringify(media).replaceAll("'", '&#39;')}'></script>
<body>
${rows.map(cell).join('\n')}
<script type="module">
import { call, negotiate } from '/assets/call.js'
import { teacherCamera } from '/assets/classroom.js'
import { feed, openSource } from '/assets/player.js'

/** Frames of MP3 without a sound, for so many seconds. */
const silence = (seconds) => {
  const frame = [0xff, 0xfb, 0x10, 0xc0, ...Array(100).fill(0)]
  return new Uint8Array(Array(Math.round(seconds / 0.0261)).fill(frame).flat())
}
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms))
const until = async (met) => {
  while (!met()) await pause(20)
}
const rows = [${rows.map(scriptOf).join(', ')}]
/** Harms or mends every row; answers when that was done to each, by the page's clock. */
window.all = (what) => Promise.all(rows.map((row) => row[what](row).then(() => performance.now())))
${script}
await window.all('play')
window.played = true
</script>`
}

const find = (report: Report, name: string) => report.media.find((check) => check.name === name)

/** What reports have said of a medium since a moment of the page's clock. */
export const toldOf = ({ reports }: Recorded, name: string, since: number): (string | undefined)[] =>
  reports()
    .filter(({ at }) => at >= since)
    .map((report) => find(report, name)?.detail)

/** How far a frame is behind what was done to its source: on its way through encoders, decoders and buffers. */
const ON_ITS_WAY_MS = 600
/** A window that half a period would fill is full. */
const SLACK_MS = 500

/**
 * When a fault is to be told, in milliseconds since it began: no earlier than its window, no later than one tick behind
 * it. Lateness of ticks comes on top of that, and a second for each tick at which the page was not painted.
 */
const limits = (between: Report[], after: number): [least: number, most: number] => {
  const late = between.reduce((sum, report) => sum + report.late + (report.frames ? 0 : 1000), 0)
  return [(after - 1) * 1000 + SLACK_MS - ON_ITS_WAY_MS, (after + 1) * 1000 + late + ON_ITS_WAY_MS]
}

const checkFault = (recorded: Recorded, { name, detail, after = 1 }: MediaRow, harmedAt: number): void => {
  const since = recorded.reports().filter(({ at }) => at >= harmedAt)
  const index = since.findIndex((report) => find(report, name)?.ok === false)
  const told = since[index] as Report
  const [least, most] = limits(since.slice(0, index + 1), after)
  expect.soft(find(told, name)?.detail, name).toMatch(detail ?? /^$/)
  expect.soft(told.at - harmedAt, `${name}: ms until it was told`).toBeGreaterThanOrEqual(least)
  expect.soft(told.at - harmedAt, `${name}: ms until it was told`).toBeLessThanOrEqual(most)
}

/** Reports whose media are all as a predicate wants them, the first of them since a moment. */
const reported = async (
  recorded: Recorded,
  what: string,
  rows: readonly MediaRow[],
  since: number,
  ok: boolean,
) => {
  const missing = () =>
    rows
      .filter(
        ({ name }) =>
          !recorded.reports().some((report) => report.at >= since && find(report, name)?.ok === ok),
      )
      .map(({ name }) => `${name}: ${toldOf(recorded, name, since).at(-1)}`)
  await expect.poll(missing, { timeout: 45_000, message: what }).toEqual([])
}

/** One page with all rows: they play, each is harmed, those with a `detail` are told and no other, and they play again. */
export const testMedia = (on: Stage, title: string, rows: readonly MediaRow[]): void =>
  test(title, async () => {
    const page = title.replaceAll(/\W+/g, '-')
    on.pages.add(page, pageOf(rows))
    on.collector.reply = () => ({ interval: 1 })
    const recorded = await on.open(`made/${page}`)
    const { at: loadedAt } = await recorded.first('loaded', 30_000)
    expect(recorded.reports().at(-1)).toMatchObject({ errors: 0 })

    const harmedAt = (await recorded.page.evaluate('all("harm")')) as number[]
    const faulty = rows.filter(({ detail }) => detail !== undefined)
    await reported(recorded, 'faults that were not told', faulty, Math.min(...harmedAt), false)
    for (const [index, row] of rows.entries()) {
      if (row.detail !== undefined) checkFault(recorded, row, harmedAt[index] ?? 0)
      else expect.soft(toldOf(recorded, row.name, loadedAt).filter(Boolean), row.name).toEqual([])
    }

    const mendedAt = Math.max(...((await recorded.page.evaluate('all("mend")')) as number[]))
    const mended = rows.filter(({ mend, detail }) => mend !== undefined && detail !== undefined)
    await reported(recorded, 'media that were not told to play again', mended, mendedAt, true)
  })

/** One page with all rows, of which some never play: each beat says why, and the page loads once they are mended. */
export const testNeverPlayed = (on: Stage, title: string, rows: readonly MediaRow[]): void =>
  test(title, async () => {
    const page = title.replaceAll(/\W+/g, '-')
    on.pages.add(page, pageOf(rows))
    on.collector.reply = () => ({ interval: 1 })
    const recorded = await on.open(`made/${page}`)
    await recorded.page.waitForFunction('window.played')
    const last = () =>
      Object.fromEntries(
        recorded
          .reports()
          .at(-1)
          ?.media.map(({ name, detail }) => [name, detail]) ?? [],
      )
    const expected = Object.fromEntries(
      rows.map(({ name, detail }) => [name, detail && expect.stringMatching(detail)]),
    )
    await expect.poll(last, { timeout: 15_000 }).toEqual(expected)
    expect(recorded.reports().map(({ type }) => type)).not.toContain('loaded')
    await recorded.page.evaluate('all("mend")')
    await recorded.first('loaded', 30_000)
  })
