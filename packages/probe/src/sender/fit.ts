import { MAX_CHECK_WORDS, MAX_REPORT_BYTES, MAX_REPORT_CHECKS, type Report } from '../types.ts'

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

const inFormat = ({ checks, media }: Report): boolean =>
  [checks, media].every(
    (list) =>
      list.length <= MAX_REPORT_CHECKS &&
      list.every(({ name, detail = '' }) => Math.max(name.length, detail.length) <= MAX_CHECK_WORDS),
  )

/**
 * The report as JSON within every limit of its format, as one beyond it would be refused, and the page be silent from
 * then on. When there is more to tell, the failing checks are told first.
 */
export const fit = (report: Report): string => {
  let text = JSON.stringify(inFormat(report) ? report : shorten(report, MAX_REPORT_CHECKS, MAX_CHECK_WORDS))
  for (let count = 32; count && bytes(text) > MAX_REPORT_BYTES; count >>= 1) {
    text = JSON.stringify(shorten(report, count, 100))
  }
  return text
}
