import { expect, test } from 'vitest'
import type { PageSignal } from '../../browser/pageOpener.ts'
import { createWebPage } from './webPage.ts'
import type { WebInput, WebTask } from './webTask.ts'

test('a page that was closed for a new one reports nothing more', async () => {
  const pages: ((signal: PageSignal) => void)[] = []
  const inputs: WebInput['type'][] = []
  const page = createWebPage({
    opener: {
      createPage: (_, onSignal) => {
        pages.push(onSignal)
        const nothing = async () => {}
        return { load: nothing, crash: nothing, freeze: nothing, cutOff: nothing, close: nothing }
      },
      close: async () => {},
    },
    screencast: undefined,
    task: () => ({ reloads: 0 }) as WebTask,
    send: ({ type }) => inputs.push(type),
  })
  const lateLoad = page.load()
  page.close()
  await Promise.all([lateLoad, page.load()])
  pages[0]?.('browserDied')
  pages[1]?.('notifyReady')
  expect(inputs).toEqual(['pageOpened', 'notifyReady'])
})
