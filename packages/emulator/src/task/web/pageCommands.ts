import { ControlError } from '../../control/controlError.ts'
import type { PageCommand } from '../../types.ts'
import type { WebPage } from './webPage.ts'
import type { WebInput, WebTask } from './webTask.ts'

export interface PageCommandContext {
  task: () => WebTask
  page: WebPage
  send: (input: WebInput) => void
  /** Whether pages are opened in a browser. */
  browser: boolean
}

const requirePage = ({ sid, page }: WebTask): void => {
  if (page === 'open' || page === 'frozen') return
  throw new ControlError(409, `Task ${sid} has no running page: its page is "${page}"`)
}

/**
 * Carries out a command to the page of a task.
 *
 * @throws {ControlError} 409 if the command does not apply
 */
export const runPageCommand = async (
  { task, page, send, browser }: PageCommandContext,
  command: PageCommand,
): Promise<void> => {
  switch (command.do) {
    case 'capabilityLimit':
      return send({ type: 'limitExceeded', limitType: command.limitType })
    case 'notifyReady':
      if (browser) throw new ControlError(409, 'notifyReady works only without a browser (--no-browser)')
      return send({ type: 'notifyReady' })
    case 'killPage':
      requirePage(task())
      await page.current()?.crash()
      return send({ type: 'pageCrashed' })
    case 'freezePage':
      requirePage(task())
      await page.current()?.freeze()
      return send({ type: 'pageFrozen' })
    case 'cutOffPage':
      requirePage(task())
      await page.current()?.cutOff()
      return send({ type: 'pageCutOff' })
  }
}
