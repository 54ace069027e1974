import type { Counts } from './counts.ts'
import type { ProbeEnvironment } from './environment.ts'
import { natives } from './natives.ts'
import type { Draft } from './sender/outbox.ts'
import type { ReportType } from './types.ts'
import type { PollResult } from './watchTypes.ts'

/** What the next report will contain about the time since the last one. */
export type SinceLastReport = Pick<Draft, 'late' | 'frames'>

export interface ReportBuilder {
  /** Callers update it; `build` resets it. */
  readonly since: SinceLastReport
  /** Makes the next report. */
  build(type: ReportType, result: PollResult): Draft
}

export const createReportBuilder = (
  token: string,
  { window, clock }: Pick<ProbeEnvironment, 'window' | 'clock'>,
  counts: Counts,
): ReportBuilder => {
  // `randomUUID` exists only in secure contexts (https://developer.mozilla.org/docs/Web/API/Crypto).
  const page = window.crypto.getRandomValues(new Uint32Array(4)).join('')
  let seq = 0
  const since: SinceLastReport = { late: 0, frames: 0 }
  return {
    since,
    build(type, { ok, changed, ...lists }) {
      const draft: Draft = {
        v: 1,
        token,
        type,
        page,
        seq: ++seq,
        at: natives.Math.round(clock.now()),
        ...lists,
        visible: !window.document.hidden,
        ...counts,
        late: natives.Math.round(since.late),
        frames: since.frames,
      }
      since.late = 0
      since.frames = 0
      return draft
    },
  }
}
