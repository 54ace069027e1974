import type { Expectation, Report } from '@stillrolling/probe/types'
import { expect, test } from 'vitest'
import type { Recorded, Stage } from './stage.ts'

/**
 * A medium, a fault injected into it, and what the probe must report. Scripts may be asynchronous; they see `it`, the
 * element, and `own`, an object in which the row keeps values between them.
 */
export interface MediaRow {
  name: string
  /** `ID` is replaced by the row's id. @default a muted video with autoplay */
  html?: string
  /** Runs when the page opens: starts playback. */
  play?: string
  /** Options of the expectation. */
  expect?: Expectation
  /** Injects the fault, once everything plays. Times are measured from its end. */
  harm?: string
  /** The detail of the failed check. Without it, the check must not fail. */
  detail?: RegExp
  /** Seconds after which the fault is reported. @default 1, for a fault that two consecutive polls must show */
  after?: number
  /** Ends the fault, when all faults have been reported. */
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

/** Silent MP3 frames for a time in seconds. */
const silence = (seconds) => {
  const frame = [0xff, 0xfb, 0x10, 0xc0, ...Array(100).fill(0)]
  return new Uint8Array(Array(Math.round(seconds / 0.0261)).fill(frame).flat())
}
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms))
const until = async (met) => {
  while (!met()) await pause(20)
}
const rows = [${rows.map(scriptOf).join(', ')}]
/** Runs one of the scripts of every row; resolves to when each had ended, by the page's clock. */
window.all = (what) => Promise.all(rows.map((row) => row[what](row).then(() => performance.now())))
${script}
await window.all('play')
window.played = true
</script>`
}

const find = (report: Report, name: string) => report.media.find((check) => check.name === name)

/** The details of a medium's checks since a moment of the page's clock. */
export const detailsOf = ({ reports }: Recorded, name: string, since: number): (string | undefined)[] =>
  reports()
    .filter(({ at }) => at >= since)
    .map((report) => find(report, name)?.detail)

/** The probe adds half a period to the measured time, and builds the report a moment after the poll. */
const SLACK_MS = 550

/** From the effect of a fault to the end of the script that injects it, on a busy machine. */
const SCRIPT_MS = 600

/** The longest time from the last frame to the report, in polls: its window, and one for each of its ends. */
const maxPolls = (after: number): number => after + 2

/**
 * The earliest time, by the page's clock, at which a fault can have begun that a report names: a medium that has stopped
 * still advanced after it. Measured in the reports, of which not every poll sends one, because a fault may take effect
 * before the script that injects it has ended. A medium that is cut away or silent goes on: the script has to do.
 */
const beganAfter = (reports: readonly Report[], name: string, reported: number, harmedAt: number): number => {
  const progressOf = (report: Report | undefined) => {
    const check = report && find(report, name)
    return check?.frames || check?.time
  }
  const last = reports.findLastIndex(
    (report, i) => i > 0 && i <= reported && progressOf(report) !== progressOf(reports[i - 1]),
  )
  return last === reported ? harmedAt - SCRIPT_MS : (reports[last - 1] as Report).at
}

/**
 * A fault is reported no earlier than its window after it began. How late it may be is counted in polls of a
 * painted page since the medium last got a frame, because a busy machine delays polls, and frames on their way.
 */
const checkFault = (recorded: Recorded, { name, detail, after = 1 }: MediaRow, harmedAt: number): void => {
  const reports = recorded.reports()
  const framesOf = (report: Report | undefined) => report && find(report, name)?.frames
  const reported = reports.findIndex((report) => report.at >= harmedAt && find(report, name)?.ok === false)
  const began = reports.findLastIndex(
    (report, i) => i < reported && (report.at < harmedAt || framesOf(report) !== framesOf(reports[i - 1])),
  )
  const report = reports[reported] as Report
  const unpainted = reports.slice(began + 1, reported + 1).filter(({ frames }) => frames === 0).length
  const polls = report.seq - (reports[began] as Report).seq - unpainted
  expect.soft(find(report, name)?.detail, name).toMatch(detail ?? /^$/)
  if (after > 1) {
    const earliest = beganAfter(reports, name, reported, harmedAt) + after * 1000 - SLACK_MS
    expect.soft(report.at, `${name}: when it was reported`).toBeGreaterThanOrEqual(earliest)
  }
  expect.soft(polls, `${name}: polls until it was reported`).toBeLessThanOrEqual(maxPolls(after))
}

/** Waits until each medium has passed (or failed) in a report since a moment of the page's clock. */
const untilReported = async (
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
      .map(({ name }) => `${name}: ${detailsOf(recorded, name, since).at(-1)}`)
  await expect.poll(missing, { timeout: 45_000, message: what }).toEqual([])
}

/** One page with all rows: they play, each fault is injected, exactly those with a `detail` are reported, and they play again. */
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
    await untilReported(recorded, 'faults that were not reported', faulty, Math.min(...harmedAt), false)
    for (const [index, row] of rows.entries()) {
      if (row.detail !== undefined) checkFault(recorded, row, harmedAt[index] ?? 0)
      else expect.soft(detailsOf(recorded, row.name, loadedAt).filter(Boolean), row.name).toEqual([])
    }

    const mendedAt = Math.max(...((await recorded.page.evaluate('all("mend")')) as number[]))
    const mended = rows.filter(({ mend, detail }) => mend !== undefined && detail !== undefined)
    await untilReported(recorded, 'media that were not reported to play again', mended, mendedAt, true)
  })

/** One page with all rows, some of which do not play: each heartbeat says why, and the page loads after `mend`. */
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
