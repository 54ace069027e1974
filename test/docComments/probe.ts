import { Window } from 'happy-dom'
import { vi } from 'vitest'
import { ANSWER } from '../probe/collector.ts'
import type { Stage } from './stage.ts'

/** What the examples of the probe may use without declaring it. */
export interface Names {
  /** State of the page's own application. */
  app: { students: number }
}

/** A page that is being recorded, in happy-dom, and a reporter that accepts every report. */
export const setUp = async (): Promise<Stage & { names: Names }> => {
  const page = new Window({ url: 'https://app.example.com/room/42?stillrolling=v1.example.signature' })
  page.fetch = (async () => Response.json(ANSWER)) as unknown as typeof page.fetch
  page.document.body.innerHTML = '<main id="board"></main>'
  vi.stubGlobal('window', page)
  return {
    names: { app: { students: 1 } },
    run: (work) => work,
    close: async () => {
      vi.unstubAllGlobals()
      await page.happyDOM.close()
    },
  }
}
