import type { PageSpec } from '../scenario/scenario.ts'
import type { VirtualTime } from '../virtualTime.ts'
import { type OpenPage, openPage, type Page, type PageHooks } from './page.ts'
import { isRunning, type Task } from './task.ts'

/** Documents that somebody opens with the URL of a page that is recorded: they report with its token, and Agora records none. */
export interface Strangers {
  /** Opens the URL of the oldest task of a recording whose page has loaded, if there is one. */
  open(tasks: readonly Task[], spec: PageSpec): OpenPage | undefined
  /** Whether this document is one of them. */
  has(id: string | undefined): boolean
  /** Those of a task that are open. */
  of(task: Task): readonly Page[]
}

export const createStrangers = (world: {
  time: VirtualTime
  hooks: PageHooks & { intervalMs(task: Task): number }
  hasLoaded: (task: Task) => boolean
}): Strangers => {
  const { time, hooks, hasLoaded } = world
  const documents = new Map<string, Page>()
  return {
    open: (tasks, spec) => {
      const task = tasks.find((each) => isRunning(each) && hasLoaded(each))
      if (!task) return undefined
      const id = `stranger${documents.size + 1}`
      const options = { id, spec, intervalMs: hooks.intervalMs(task), hasFence: false }
      const page = openPage({ time, hooks }, task, options)
      documents.set(id, page)
      return page
    },
    has: (id) => id !== undefined && documents.has(id),
    of: (task) => [...documents.values()].filter((page) => page.task === task && page.open),
  }
}
