import { MAX_REPORT_BYTES, type Report } from '../types.ts'

const cut = (text: string, length: number) => (text.length > length ? `${text.slice(0, length - 1)}…` : text)

/** Ways to say less, from the least to the most that is lost; each works on what the one before has left. */
const SHORTER: ((report: Report) => Report)[] = [
  (report) => shorten(report, 100, 200),
  ({ note, ...report }) => report,
  (report) => ({
    ...report,
    checks: report.checks.filter((check) => !check.ok),
    media: report.media.filter((check) => !check.ok),
  }),
  (report) => shorten(report, 0, 80),
  (report) => ({ ...report, checks: report.checks.slice(0, 10), media: report.media.slice(0, 10) }),
]

const shorten = (report: Report, details: number, names: number): Report => {
  const one = <C extends { name: string; detail?: string }>(check: C): C => {
    const { detail, ...rest } = check
    return {
      ...rest,
      name: cut(check.name, names),
      ...(detail && details && { detail: cut(detail, details) }),
    } as C
  }
  return { ...report, checks: report.checks.map(one), media: report.media.map(one) }
}

/** The report as JSON of at most 8 KiB: shortened step by step when it has more to tell. */
export const fit = (report: Report): string => {
  let text = JSON.stringify(report)
  for (const shorter of SHORTER) {
    if (new TextEncoder().encode(text).length <= MAX_REPORT_BYTES) break
    report = shorter(report)
    text = JSON.stringify(report)
  }
  return text
}
