import type { Expectation, Report } from '@stillrolling/probe/types'
import type { Page } from 'playwright-core'
import { test } from 'vitest'
import { type Recorded, SOON, type Stage } from './stage.ts'

/** A part of a page, an expectation, and what the probe must report. */
export interface Row {
  name: string
  /** `ID` is replaced by the row's id, also in the fields below. */
  html: string
  expect: Expectation
  /** The detail of the failed check. Without it, the expectation is met from the start. */
  detail?: string
  /** Script that removes the fault and changes nothing else; `it` is the element with the row's id. */
  mend?: string
}

const CELL = { width: 120, height: 60, perLine: 10 } as const

/** Each row has its own cell of the viewport, so that one page serves a whole table. */
const cell = ({ html }: Row, index: number): string => {
  const left = (index % CELL.perLine) * CELL.width
  const top = Math.floor(index / CELL.perLine) * CELL.height
  return `<section style="position:absolute;left:${left}px;top:${top}px;width:100px;height:40px">${html}</section>`
}

const attribute = (value: unknown): string => JSON.stringify(value).replaceAll("'", '&#39;')

/** All of one length, so that none contains another. */
const idOf = (index: number): string => `row${String(index).padStart(2, '0')}`

const ownIds = (rows: readonly Row[]): Row[] =>
  rows.map((row, index) => ({
    ...row,
    html: row.html.replaceAll('ID', idOf(index)),
    detail: row.detail?.replaceAll('ID', idOf(index)),
    mend: row.mend?.replaceAll('ID', idOf(index)),
    expect: JSON.parse(JSON.stringify({ name: row.name, ...row.expect }).replaceAll('ID', idOf(index))),
  }))

const pageOf = (rows: readonly Row[], head: string): string => `<!doctype html>
<meta charset="utf-8"><style>body { margin: 0; font: 12px/1 sans-serif }</style>${head}
<script src="{{reporter}}/probe.js" data-expect='${attribute(rows.map((row) => row.expect))}'></script>
<body>${rows.map(cell).join('\n')}</body>`

const MET = 'met'

const verdicts = (report: Report | undefined): Record<string, string | undefined> =>
  Object.fromEntries(report?.checks.map(({ name, ok, detail }) => [name, ok ? MET : detail]) ?? [])

interface Options {
  /** HTML for the head of the page. */
  head?: string
  before?: (page: Page) => Promise<unknown>
  /** Further assertions while the faults exist. */
  facts?: (recorded: Recorded) => Promise<void>
}

const scriptOf = (rows: readonly Row[]): string => {
  const mends = rows.map(
    ({ mend = '' }, index) => `{ const it = document.getElementById('${idOf(index)}'); ${mend} }`,
  )
  return `(() => {\n${mends.join('\n')}\n})()`
}

/**
 * One page with all rows. Two consecutive reports must contain the expected details; then all faults are removed, and
 * the page must load, which shows that each detail was caused by its fault.
 */
export const testRows = (
  on: Stage,
  title: string,
  table: readonly Row[],
  { head = '', before, facts }: Options = {},
): void =>
  test.concurrent(title, async ({ expect }) => {
    const rows = ownIds(table)
    const name = title.replaceAll(/\W+/g, '-')
    on.pages.add(name, pageOf(rows, head))
    const reply = () => ({ interval: 0.5 })
    const recorded = await on.open(`made/${name}`, { reply, before })
    const expected = Object.fromEntries(rows.map(({ name, detail = MET }) => [name, detail]))
    const { page, reports, first } = recorded
    await expect.poll(() => reports().slice(-2).map(verdicts), SOON).toEqual([expected, expected])

    await facts?.(recorded)

    await page.evaluate(scriptOf(rows))
    expect(verdicts(await first('loaded'))).toEqual(Object.fromEntries(rows.map(({ name }) => [name, MET])))
  })
