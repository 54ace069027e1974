import { AccessError, type PageOpener, type PageSignal, type RecordedPage } from '../../browser/pageOpener.ts'
import type { Screencast } from '../../recorder/recorder.ts'
import type { WebInput, WebTask } from './webTask.ts'

/** The page of a task: a new one after a failover. */
export interface WebPage {
  /** Loads the page and passes the result on as an input. */
  load(): Promise<void>
  close(): void
  current(): RecordedPage | null
}

const INPUT_OF_SIGNAL: Record<PageSignal, WebInput> = {
  navigating: { type: 'pageLoading' },
  notifyReady: { type: 'notifyReady' },
  crashed: { type: 'pageCrashed' },
  browserDied: { type: 'browserDied' },
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

export interface WebPageParts {
  opener: PageOpener
  screencast: Screencast | undefined
  task: () => WebTask
  send: (input: WebInput) => void
}

export const createWebPage = ({ opener, screencast, task, send }: WebPageParts): WebPage => {
  let page: RecordedPage | null = null

  const open = (): RecordedPage => {
    const opened = opener.createPage({ ...task(), screencast }, (signal) => {
      if (page === opened) send(INPUT_OF_SIGNAL[signal])
    })
    return opened
  }

  return {
    load: async () => {
      page ??= open()
      const loading = page
      // A reload replaces a load that is still running; the result of the replaced load is ignored.
      const { reloads } = task()
      const isCurrent = () => page === loading && task().reloads === reloads
      try {
        await loading.load()
        if (isCurrent()) send({ type: 'pageOpened' })
      } catch (error) {
        if (!isCurrent()) return
        const type = error instanceof AccessError ? 'accessFailed' : 'engineFailed'
        send({ type, detail: messageOf(error) })
      }
    },
    close: () => {
      // Not awaited: a page that does not close is closed with the browser.
      void page?.close()
      page = null
    },
    current: () => page,
  }
}
