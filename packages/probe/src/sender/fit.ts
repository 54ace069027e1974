import { MAX_REPORT_BYTES, MAX_REPORT_CHECKS, type Report } from '../types.ts'

/**
 * The report as JSON within the limits of its format, as one beyond them would be refused, and the page be silent from
 * then on. When there is more to tell, the failing checks are told first.
 */
export const fit = (report: Report): string => {
  const { checks, media, warnings } = report
  for (let count = MAX_REPORT_CHECKS; ; count >>= 1) {
    const most = <C extends { name: string; ok?: boolean }>(list: C[]): C[] =>
      list.length > count ? [...list].sort((a, b) => +!!a.ok - +!!b.ok).slice(0, count) : list
    const text = JSON.stringify({
      ...report,
      checks: most(checks),
      media: most(media),
      warnings: most(warnings),
    })
    if (!count || new TextEncoder().encode(text).length <= MAX_REPORT_BYTES) return text
  }
}
