import { stripVTControlCharacters, styleText } from 'node:util'
import type { TimelineView } from '@stillrolling/reporter'
import type { Act } from './performance.ts'
import { differences } from './stories.ts'

/** The terminal: the timeline runs above, and on a terminal a table of all recordings stands below it. */
export interface Screen {
  line(text: string): void
  /** Shows what is new on the timelines, and the table anew. */
  show(acts: readonly Act[]): void
  /** The table for good. */
  finish(acts: readonly Act[]): void
}

type Style = Parameters<typeof styleText>[0]

const STATE_STYLES: Record<string, Style> = {
  rolling: 'green',
  unhealthy: 'red',
  failed: 'red',
  recovering: 'yellow',
  loading: 'cyan',
  starting: 'cyan',
}

export const createScreen = (out: NodeJS.WriteStream, startedAt: number): Screen => {
  const paint = (style: Style, text: string): string =>
    out.isTTY ? styleText(style, text, { stream: out }) : text
  const shown = new Map<string, number>()
  let tableLines = 0

  const clearTable = (): void => {
    if (tableLines > 0) out.write(`\x1b[${tableLines}A\x1b[0J`)
    tableLines = 0
  }

  /** A line that would wrap would spoil the count of lines to go back over. */
  const fit = (text: string): string => {
    const width = out.isTTY ? out.columns : Number.POSITIVE_INFINITY
    const plain = stripVTControlCharacters(text)
    return plain.length <= width ? text : `${plain.slice(0, width - 1)}…`
  }

  const story = ({ story, timeline }: Act): { at: number; text: string }[] => {
    const fresh = timeline.slice(shown.get(story.page) ?? 0)
    shown.set(story.page, timeline.length)
    return fresh.map((entry) => ({ at: entry.id, text: timelineLine(story.page, entry) }))
  }

  const timelineLine = (page: string, { at, code, attempt, message }: TimelineView): string => {
    const seconds = ((Date.parse(at) - startedAt) / 1000).toFixed(1).padStart(6)
    const number = attempt === null ? '  ' : `#${attempt}`
    return `${paint('dim', `${seconds} s`)}  ${page.padEnd(16)}${number}  ${paint(styleOf(code), code.padEnd(24))}${message}`
  }

  const table = (acts: readonly Act[]): string[] => [
    '',
    paint('bold', `  ${'page'.padEnd(17)}${'state'.padEnd(12)}attempts  what happens`),
    ...acts.map(({ story, recording }) => {
      const state = recording?.state ?? 'waiting'
      const mark = recording && differences(story, recording).length === 0 ? paint('green', '✓') : ' '
      const number = String(recording?.attempts.length ?? 0).padEnd(10)
      return `${mark} ${story.page.padEnd(17)}${paint(STATE_STYLES[state] ?? 'dim', state.padEnd(12))}${number}${story.plot}`
    }),
  ]

  const write = (lines: string[]): void => {
    for (const text of lines) out.write(`${fit(text)}\n`)
  }

  const showTable = (acts: readonly Act[]): void => {
    const lines = table(acts)
    write(lines)
    tableLines = lines.length
  }

  const showTimeline = (acts: readonly Act[]): void => {
    const news = acts.flatMap(story).sort((a, b) => a.at - b.at)
    write(news.map(({ text }) => text))
  }

  return {
    line: (text) => {
      clearTable()
      write([text])
    },
    show: (acts) => {
      clearTable()
      showTimeline(acts)
      if (out.isTTY) showTable(acts)
    },
    finish: (acts) => {
      clearTable()
      showTimeline(acts)
      write(table(acts))
    },
  }
}

const styleOf = (code: string): Style => {
  if (code === 'recording.rolling' || code === 'page.loaded') return 'green'
  if (/failed|silent|gave_up|never|not_found|unknown/.test(code)) return 'red'
  if (/retry|check|reload|stop/.test(code)) return 'yellow'
  return 'dim'
}
