import { MAX_REPORT_BYTES, MAX_REPORT_CHECKS, type Report } from '../types.ts'
import { array } from './natives.ts'

/**
 * A report within the limits of its format: the reporter refuses a larger one, and the page would be silent from then on.
 * If checks must be left out, failing ones are kept first.
 *
 * @param sizeOf bytes of a report as it is sent
 */
export const fitReport = (report: Report, sizeOf: (report: Report) => number): Report => {
  for (let count = MAX_REPORT_CHECKS; ; count >>= 1) {
    const fitting = {
      ...report,
      checks: truncate(report.checks, count),
      media: truncate(report.media, count),
      warnings: truncate(report.warnings, count),
    }
    if (!count || sizeOf(fitting) <= MAX_REPORT_BYTES) return fitting
  }
}

const truncate = <C extends { name: string; ok?: boolean }>(list: C[], count: number): C[] => {
  if (list.length <= count) return list
  const failingFirst = array.sort([...list], (a, b) => +!!a.ok - +!!b.ok)
  return array.slice(failingFirst, 0, count)
}
