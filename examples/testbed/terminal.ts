import { stripVTControlCharacters, styleText } from 'node:util'
import type { TimelineView } from '@stillrolling/reporter'

export type Style = Parameters<typeof styleText>[0]

/** Writes lines and timeline entries; with colours, and lines that can be erased, only where there is a terminal. */
export interface Terminal {
  readonly isTty: boolean
  paint(style: Style, text: string): string
  print(...lines: string[]): void
  /** Cuts a line that would wrap. */
  fit(line: string): string
  /** Erases the last lines that were printed. */
  erase(lines: number): void
  /** Seconds since the start, as the first column. */
  time(at: number): string
  /** The colour of a timeline entry: trouble is red, what follows from it yellow, a recording that rolls green. */
  paintEntry(entry: TimelineView, text: string): string
}

/** @param startedAt milliseconds since the epoch: what `time` counts from */
export const createTerminal = (out: NodeJS.WriteStream, startedAt: number): Terminal => {
  const paint = (style: Style, text: string): string =>
    out.isTTY ? styleText(style, text, { stream: out }) : text
  return {
    isTty: out.isTTY,
    paint,
    print: (...lines) => {
      for (const line of lines) out.write(`${line}\n`)
    },
    fit: (line) => {
      const plain = stripVTControlCharacters(line)
      return !out.isTTY || plain.length <= out.columns ? line : `${plain.slice(0, out.columns - 1)}…`
    },
    erase: (lines) => {
      if (lines > 0 && out.isTTY) out.write(`\x1b[${lines}A\x1b[0J`)
    },
    time: (at) => paint('dim', `${((at - startedAt) / 1000).toFixed(1).padStart(6)} s`),
    paintEntry: ({ code }, text) => paint(styleOf(code), text),
  }
}

const styleOf = (code: string): Style => {
  if (code === 'recording.rolling' || code === 'page.loaded') return 'green'
  if (/failed|silent|gave_up|never|not_found|unknown/.test(code)) return 'red'
  if (/retry|check|error|reload|stop/.test(code)) return 'yellow'
  return 'dim'
}
