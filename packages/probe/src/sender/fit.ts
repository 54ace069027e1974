import { MAX_REPORT_BYTES, type Report } from '../types.ts'

const bytes = (text: string): number => new TextEncoder().encode(text).length

const cut = (text: string, length: number): string =>
  text.length > length ? `${text.slice(0, length - 1)}…` : text

/** The report with at most `count` entries of each list, failing ones first, and their words cut to `length`. */
const shorten = (report: Report, count: number, length: number): Report => {
  const list = <C extends { name: string; ok: boolean; detail?: string }>(all: C[]): C[] =>
    [...all]
      .sort((a, b) => Number(a.ok) - Number(b.ok))
      .slice(0, count)
      .map((one) => ({
        ...one,
        name: cut(one.name, length),
        ...(one.detail && { detail: cut(one.detail, length) }),
      }))
  return { ...report, checks: list(report.checks), media: list(report.media) }
}

/** The report as JSON of at most 8 KiB. When there is more to tell, the failing checks are told first. */
export const fit = (report: Report): string => {
  let text = JSON.stringify(report)
  for (let count = 32; count && bytes(text) > MAX_REPORT_BYTES; count >>= 1) {
    text = JSON.stringify(shorten(report, count, 100))
  }
  return text
}
