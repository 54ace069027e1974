import type { PageReport } from '../../../packages/reporter/src/supervisor/signal.ts'
import type { VirtualTime } from '../virtualTime.ts'
import type { Page, PageHooks, ReportAnswer } from './page.ts'

/** Sends a page's reports as the probe does: one at a time, in order, and again after a failure. */
export interface ReportSender {
  /** Queues a report of the page's state now. A report that need not arrive is replaced by the next one. */
  enqueue(type: PageReport['type'], options: { mustArrive: boolean }): void
  /** Sends bye as a beacon: once, without waiting for the answer. */
  sendBye(): void
  close(): void
}

interface QueuedReport {
  type: PageReport['type']
  failing: PageReport['failing']
  seq: number
  mustArrive: boolean
}

/** The probe's delays before it retries a report, in milliseconds; the last one repeats. */
const RETRY_DELAYS_MS = [1000, 2000, 4000, 8000, 16_000, 30_000]

export const createReportSender = (options: {
  time: VirtualTime
  page: Page
  failingNow: () => PageReport['failing']
  hooks: PageHooks
  /** No report reaches the reporter. */
  unreported: boolean
}): ReportSender => {
  const { time, page, failingNow, hooks, unreported } = options
  const { id, task } = page
  let queue: QueuedReport[] = []
  let seq = 0
  let storedSeq = 0
  let sid: string | null = null
  let inFlight = false
  let failures = 0
  let cancelRetry: (() => void) | undefined

  const enqueue: ReportSender['enqueue'] = (type, { mustArrive }) => {
    if (!page.open || page.frozen || page.dismissed) return
    queue = queue.filter((queued) => queued.mustArrive)
    queue.push({ type, failing: failingNow(), seq: ++seq, mustArrive })
    if (!mustArrive || cancelRetry === undefined) retryNow()
  }

  const retryNow = (): void => {
    cancelRetry?.()
    cancelRetry = undefined
    void sendNext()
  }

  const sendNext = async (): Promise<void> => {
    const queued = queue[0]
    if (inFlight || !page.open || page.frozen || !queued) return
    queue.shift()
    inFlight = true
    const { type, failing } = queued
    const report = { type, page: id, seq: queued.seq, failing }
    const onStored = (): void => recordStored(queued)
    const answer = unreported ? { status: 0, sid: null } : await hooks.report({ task, report, sid, onStored })
    inFlight = false
    if (page.open) handleAnswer(queued, answer)
  }

  const recordStored = ({ type, failing, seq: number }: QueuedReport): void => {
    // A report whose answer was lost is sent again. It is no news, and the reporter ignores it.
    if (number <= storedSeq) return
    storedSeq = number
    const loaded = page.lastStored?.loaded || type === 'loaded'
    page.lastStored = { at: time.now(), loaded, checksPass: failing.length === 0 }
  }

  const handleAnswer = (queued: QueuedReport, answer: ReportAnswer): void => {
    if (answer.status === 200) {
      failures = 0
      sid = answer.sid ?? sid
      if (queued.type === 'loaded') page.ready = true
      void sendNext()
      return
    }
    if (answer.status === 410) {
      page.dismissed = true
      return
    }
    if (queued.mustArrive || queue.length === 0) queue.unshift(queued)
    if (answer.status === 409) {
      sid = null
      void sendNext()
      return
    }
    const delayMs = RETRY_DELAYS_MS[Math.min(failures++, RETRY_DELAYS_MS.length - 1)] ?? 0
    cancelRetry = time.after(delayMs, retryNow)
  }

  return {
    enqueue,
    sendBye: () => {
      const report = { type: 'bye' as const, page: id, seq: ++seq, failing: [] }
      if (!page.open || page.frozen || page.dismissed || unreported) return
      void hooks.report({ task, report, sid, onStored: () => {} })
    },
    close: () => {
      queue = []
      cancelRetry?.()
    },
  }
}
