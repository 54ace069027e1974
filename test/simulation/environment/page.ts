import type { PageReport } from '../../../packages/reporter/src/supervisor/signal.ts'
import type { PageEvent, PageSpec } from '../scenario/scenario.ts'
import type { VirtualTime } from '../virtualTime.ts'
import { createReportSender, type ReportSender } from './reportSender.ts'
import type { Task } from './task.ts'

/** The document in a task's recorder, as it really is. */
export interface Page {
  readonly id: string
  readonly task: Task
  readonly openedAt: number
  /** false: closed with its recorder, reloaded, or dead. */
  open: boolean
  frozen: boolean
  loaded: boolean
  checksPass: boolean
  /** The page has reported to Agora that it is ready to be recorded. */
  ready: boolean
  /** The reporter answered 410, because another attempt records: the page sends no more reports. */
  dismissed: boolean
  /** The newest report that the reporter stored, whether or not its answer arrived. */
  lastStored: { at: number; loaded: boolean; checksPass: boolean } | null
}

export interface OpenPage extends Page {
  /** Another document takes its place: the page says bye. */
  unload(): void
  /** The recorder is gone. */
  close(): void
}

export interface PageHooks {
  report(sent: SentReport): Promise<ReportAnswer>
  /** The page sends no more reports from now on, while its task runs. */
  onSilent(page: Page): void
}

export interface SentReport {
  task: Task
  report: PageReport
  /** The sid that the page knows. */
  sid: string | null
  /** Called when the reporter has stored the report, before its answer arrives. */
  onStored: () => void
}

/** `status` is an HTTP status; 0: there was no answer. */
export interface ReportAnswer {
  status: number
  sid: string | null
}

/** The probe polls the page at this interval, in milliseconds. */
const POLL_MS = 1000
/** With `policy.fence`, how long a loaded page waits for the reporter to confirm its attempt, in milliseconds. */
const FENCE_TIMEOUT_MS = 15_000

/**
 * A page with the probe in it: it sends hello, loaded, a heartbeat at each interval, and one immediately when a check
 * changes. The real probe is tested in packages/probe.
 */
export const openPage = (
  world: { time: VirtualTime; hooks: PageHooks },
  task: Task,
  options: { id: string; spec: PageSpec; intervalMs: number; hasFence: boolean },
): OpenPage => {
  const { time, hooks } = world
  const { id, spec, intervalMs, hasFence } = options
  let overdue = false

  const page: OpenPage = {
    ...{
      id,
      task,
      openedAt: time.now(),
      open: true,
      frozen: false,
      loaded: false,
      checksPass: true,
      ready: false,
    },
    ...{ dismissed: false, lastStored: null },
    unload: () => {
      sender.sendBye()
      page.close()
    },
    close: () => {
      page.open = false
      sender.close()
    },
  }
  const failingNow = (): PageReport['failing'] => {
    if (page.loaded) return page.checksPass ? [] : [{ name: '#board', detail: 'not there' }]
    return [{ name: '#board', ...(overdue && { overdue }) }]
  }
  const sender = createReportSender({ time, page, failingNow, hooks, unreported: spec.unreported })

  const sendHeartbeats = (): void => {
    if (!page.open || page.dismissed) return
    sender.enqueue('heartbeat', { mustArrive: false })
    time.after(intervalMs, sendHeartbeats)
  }
  const load = (): void => {
    if (!page.open) return
    if (page.frozen) {
      time.after(POLL_MS, load)
      return
    }
    page.loaded = true
    sender.enqueue('loaded', { mustArrive: true })
    time.after(hasFence ? FENCE_TIMEOUT_MS : 0, () => {
      if (page.open && !page.frozen && !page.dismissed) page.ready = true
    })
  }
  const reportOverdue = (): void => {
    if (page.loaded) return
    overdue = true
    sender.enqueue('heartbeat', { mustArrive: true })
  }
  const handlers = eventHandlers(page, sender, hooks)

  sender.enqueue('hello', { mustArrive: true })
  if (spec.overdueMs !== null) time.after(spec.overdueMs, reportOverdue)
  time.after(intervalMs, sendHeartbeats)
  if (spec.loadMs !== null) time.after(spec.loadMs, load)
  for (const { afterMs, event } of spec.events) {
    if (event !== 'reload') time.after(afterMs, () => page.open && handlers[event]())
  }
  return page
}

const eventHandlers = (
  page: OpenPage,
  sender: ReportSender,
  hooks: PageHooks,
): Record<Exclude<PageEvent, 'reload'>, () => void> => {
  const setChecksPass = (checksPass: boolean): void => {
    page.checksPass = checksPass
    if (page.loaded) sender.enqueue('heartbeat', { mustArrive: true })
  }
  return {
    die: () => {
      page.close()
      hooks.onSilent(page)
    },
    freeze: () => {
      page.frozen = true
      hooks.onSilent(page)
    },
    thaw: () => {
      page.frozen = false
      sender.enqueue('heartbeat', { mustArrive: true })
    },
    failCheck: () => setChecksPass(false),
    passCheck: () => setChecksPass(true),
  }
}
