import type { TimelineView } from '@stillrolling/reporter'
import type { Style, Terminal } from '../testbed/terminal.ts'
import { mismatches } from './demoCases.ts'
import type { CaseProgress } from './demoRun.ts'

/** What the demo prints: timeline entries, and on a terminal a table of all recordings below them. */
export interface Screen {
  print(text: string): void
  /** Prints the new timeline entries and redraws the table. */
  update(cases: readonly CaseProgress[]): void
  /** Prints the last entries, and the table so that it stays. */
  finish(cases: readonly CaseProgress[]): void
}

const STATE_STYLES: Record<string, Style> = {
  rolling: 'green',
  unhealthy: 'red',
  failed: 'red',
  recovering: 'yellow',
  loading: 'cyan',
  starting: 'cyan',
}

export const createScreen = (terminal: Terminal): Screen => {
  const { paint, print } = terminal
  /** Per page, how many timeline entries have been printed. */
  const printed = new Map<string, number>()
  const printedFaults = new Set<string>()
  let tableLines = 0

  const eraseTable = (): void => {
    terminal.erase(tableLines)
    tableLines = 0
  }

  const newLines = ({ demoCase, timeline, faultAt }: CaseProgress): { at: number; text: string }[] => {
    const { page, fault } = demoCase
    const entries = timeline.slice(printed.get(page) ?? 0)
    printed.set(page, timeline.length)
    const lines = entries.map((entry) => ({ at: Date.parse(entry.at), text: entryLine(page, entry) }))
    if (fault && faultAt !== undefined && !printedFaults.has(page)) {
      printedFaults.add(page)
      lines.push({ at: faultAt, text: columns({ page, at: faultAt, code: 'demo', text: fault.description }) })
    }
    return lines
  }

  const entryLine = (page: string, entry: TimelineView): string => {
    const { at, attempt, code, message } = entry
    const painted = terminal.paintEntry(entry, code.padEnd(CODE_WIDTH))
    return columns({ page, at: Date.parse(at), attempt, code: painted, text: message })
  }

  const columns = ({ page, at, attempt = null, code, text }: Columns): string => {
    const number = attempt === null ? '  ' : `#${attempt}`
    return `${terminal.time(at)}  ${page.padEnd(16)}${number}  ${code.padEnd(CODE_WIDTH)}${text}`
  }

  const table = (cases: readonly CaseProgress[]): string[] => [
    '',
    paint('bold', `  ${'page'.padEnd(17)}${'state'.padEnd(12)}attempts  what goes wrong`),
    ...cases.map(({ demoCase, recording }) => {
      const state = recording?.state ?? 'waiting'
      const mark = recording && mismatches(demoCase, recording).length === 0 ? paint('green', '✓') : ' '
      const attempts = String(recording?.attemptCount ?? 0).padEnd(10)
      const painted = paint(STATE_STYLES[state] ?? 'dim', state.padEnd(12))
      return `${mark} ${demoCase.page.padEnd(17)}${painted}${attempts}${demoCase.description}`
    }),
  ]

  const printTimeline = (cases: readonly CaseProgress[]): void => {
    const lines = cases.flatMap(newLines).sort((a, b) => a.at - b.at)
    print(...lines.map(({ text }) => text))
  }

  return {
    print: (text) => {
      eraseTable()
      print(text)
    },
    update: (cases) => {
      eraseTable()
      printTimeline(cases)
      if (!terminal.isTty) return
      // A line that wraps would be more lines to erase.
      const lines = table(cases).map(terminal.fit)
      print(...lines)
      tableLines = lines.length
    },
    finish: (cases) => {
      eraseTable()
      printTimeline(cases)
      print(...table(cases))
    },
  }
}

const CODE_WIDTH = 24

interface Columns {
  page: string
  at: number
  attempt?: number | null
  code: string
  text: string
}
