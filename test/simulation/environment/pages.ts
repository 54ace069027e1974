import { byId, type PageEvent, type PageSpec, type RecordingSpec } from '../scenario/scenario.ts'
import type { VirtualTime } from '../virtualTime.ts'
import type { Agora } from './agora.ts'
import { type OpenPage, openPage, type Page, type PageHooks } from './page.ts'
import { isRunning, type Task } from './task.ts'

/** The pages in the recorders, each opened by its task. */
export interface Pages {
  onStarted(task: Task): void
  onEnded(task: Task): void
  onReload(task: Task, afterMs: number): void
  /** While the pages' server is down, no document can be opened, and Agora ends the task. */
  setServer(state: 'up' | 'down'): void
  /** The document that is in the task's recorder now, if any. */
  of(task: Task): Page | undefined
  /** All documents of the task, the newest last. */
  allOf(task: Task): readonly Page[]
}

/** Agora opens the page about this long after start, in milliseconds. */
const OPEN_DELAY_MS = 5000
/** Agora gives up an address that does not answer, in milliseconds. */
const ACCESS_TIMEOUT_MS = 8000

const HEALTHY: PageSpec = { loadMs: 3000, overdueMs: null, unreported: false, events: [] }
/** Events that may still happen to a page when the faults have ended. */
const REPAIRS: readonly PageEvent[] = ['thaw', 'passCheck']

export const createPages = (world: {
  time: VirtualTime
  recordings: readonly RecordingSpec[]
  /** From then on all pages that open are healthy. */
  faultsEndAt: number
  agora: () => Agora
  hooks: PageHooks & { intervalMs(task: Task): number; hasFence(task: Task): boolean }
}): Pages => {
  const { time, recordings, faultsEndAt, agora, hooks } = world
  const pages = new Map<Task, OpenPage>()
  const documents = new Map<Task, Page[]>()
  const unusedSpecs = byId(recordings, ({ pages: specs }) => [...specs])
  let count = 0
  let isServerUp = true

  const open = (task: Task, spec: PageSpec): void => {
    if (!isRunning(task)) return
    pages.get(task)?.close()
    if (!isServerUp) {
      time.after(ACCESS_TIMEOUT_MS, () => agora().end(task, { event: { eventType: 71, code: 5 } }))
      return
    }
    const id = `page${++count}`
    const options = { id, spec, intervalMs: hooks.intervalMs(task), hasFence: hooks.hasFence(task) }
    const page = openPage({ time, hooks }, task, options)
    pages.set(task, page)
    documents.set(task, [...(documents.get(task) ?? []), page])
    for (const { afterMs, event } of spec.events) {
      if (event === 'reload') time.after(afterMs, () => pages.get(task)?.id === id && reload(task, 500))
    }
  }

  /** A reloaded page loads and reports as before, and no further event happens to it. */
  const reloadSpecs = new Map<Task, PageSpec>()
  const reload = (task: Task, afterMs: number): void => {
    pages.get(task)?.unload()
    time.after(afterMs, () => open(task, reloadSpecs.get(task) ?? HEALTHY))
  }

  /** Agora's page-load timeout: the first time it reloads the page, the second time it ends the recording. */
  const enforceReadyTimeout = (task: Task, then: 'reload' | 'end'): void => {
    time.after(task.readyTimeout * 1000, () => {
      if (!isRunning(task) || pages.get(task)?.ready) return
      if (then === 'end') {
        agora().end(task, { event: { eventType: 71, code: 4 } })
        return
      }
      agora().reload(task)
      enforceReadyTimeout(task, 'end')
    })
  }

  return {
    onStarted: (task) => {
      const spec = (time.now() < faultsEndAt && unusedSpecs.get(task.recordingId)?.shift()) || HEALTHY
      const events = spec.events.filter(
        ({ afterMs, event }) => time.now() + OPEN_DELAY_MS + afterMs < faultsEndAt || REPAIRS.includes(event),
      )
      reloadSpecs.set(task, { ...spec, events: [] })
      time.after(OPEN_DELAY_MS, () => {
        open(task, { ...spec, events })
        if (task.readyTimeout > 0) enforceReadyTimeout(task, 'reload')
      })
    },
    onEnded: (task) => pages.get(task)?.close(),
    onReload: reload,
    setServer: (state) => {
      isServerUp = state === 'up'
    },
    of: (task) => pages.get(task),
    allOf: (task) => documents.get(task) ?? [],
  }
}
