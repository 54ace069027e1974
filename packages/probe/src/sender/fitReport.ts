import { MAX_REPORT_BYTES, MAX_REPORT_CHECKS, type Report } from '../types.ts'
import { byteLength } from './byteLength.ts'

/**
 * Serialises a report within the limits of its format: the reporter refuses a larger one, and the page would be silent
 * from then on. If checks must be left out, failing ones are kept first.
 */
export const fitReport = (report: Report): string => {
  for (let count = MAX_REPORT_CHECKS; ; count >>= 1) {
    const truncate = <C extends { name: string; ok?: boolean }>(list: C[]): C[] =>
      list.length > count ? [...list].sort((a, b) => +!!a.ok - +!!b.ok).slice(0, count) : list
    const text = JSON.stringify({
      ...report,
      checks: truncate(report.checks),
      media: truncate(report.media),
      warnings: truncate(report.warnings),
    })
    if (!count || byteLength(text) <= MAX_REPORT_BYTES) return text
  }
}
