import { type Agora, runs, type Task } from './agora.ts'
import { type OpenPage, openPage, type Page, type PageEvents } from './page.ts'
import { CALM_AT, type PageStory, type Wish } from './scenario.ts'
import type { VirtualTime } from './virtualTime.ts'

/** The pages in the recorders, each opened by its task. */
export interface Pages {
  onStarted(task: Task): void
  onEnded(task: Task): void
  onReload(task: Task, afterMs: number): void
  /** The document that is in the task's recorder now, if any. */
  of(task: Task): Page | undefined
}

/** Agora opens the page about so long after start, in milliseconds. */
const OPEN_MS = 5000

const WELL: PageStory = { loadMs: 3000, patienceMs: null, mute: false, turns: [] }
/** What may still befall a page in the calm. */
const MENDING = ['thaw', 'mend']

export const createPages = (
  time: VirtualTime,
  wishes: readonly Wish[],
  agora: () => Agora,
  events: PageEvents & { intervalMs(task: Task): number },
): Pages => {
  const calmAt = time.now() + CALM_AT
  const pages = new Map<Task, OpenPage>()
  const stories = new Map(wishes.map(({ id, pages: list }) => [id, [...list]]))
  let count = 0

  const open = (task: Task, story: PageStory): void => {
    if (!runs(task)) return
    pages.get(task)?.close()
    const id = `page${++count}`
    pages.set(task, openPage({ time, events }, task, { id, story, intervalMs: events.intervalMs(task) }))
    for (const { after, turn } of story.turns) {
      if (turn === 'reload') time.after(after, () => pages.get(task)?.id === id && reload(task, 500))
    }
  }

  /** A page that was opened anew is as slow, or as mute, as it was, and nothing else befalls it. */
  const later = new Map<Task, PageStory>()
  const reload = (task: Task, afterMs: number): void => {
    pages.get(task)?.leave()
    time.after(afterMs, () => open(task, later.get(task) ?? WELL))
  }

  /** Agora's own page-load time-out: the page is reloaded once, and the recording ends at the second miss. */
  const awaitReady = (task: Task, last: boolean): void => {
    time.after(task.readyTimeout * 1000, () => {
      if (!runs(task) || pages.get(task)?.loaded) return
      if (last) {
        agora().end(task, { event: { eventType: 71, code: 4 } })
        return
      }
      agora().reload(task)
      awaitReady(task, true)
    })
  }

  return {
    onStarted: (task) => {
      const list = stories.get(task.cname) ?? []
      const story = time.now() < calmAt ? (list.shift() ?? WELL) : WELL
      const turns = story.turns.filter(
        ({ after, turn }) => time.now() + OPEN_MS + after < calmAt || MENDING.includes(turn),
      )
      later.set(task, { ...story, turns: [] })
      time.after(OPEN_MS, () => {
        open(task, { ...story, turns })
        if (task.readyTimeout > 0) awaitReady(task, false)
      })
    },
    onEnded: (task) => pages.get(task)?.close(),
    onReload: reload,
    of: (task) => pages.get(task),
  }
}
