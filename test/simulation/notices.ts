import type { Event, Task } from './agora.ts'
import type { Random } from './random.ts'
import type { NoticeFate } from './scenario.ts'
import type { VirtualTime } from './virtualTime.ts'

/** A notification as it is delivered. */
export interface Notice extends Event {
  noticeId: string
  sid: string
  cname: string
  uid: string
  sequence: number
}

/** Agora's webhook: mostly once and soon, and everything that its reference warns of. */
export interface Notices {
  send(task: Task, event: Event): void
  /** Some share of the notifications meets this fate, until the answer is called. */
  doom(fate: NoticeFate, share: number): () => void
}

/** Not answered 200: sent again so many milliseconds later, and then given up. */
const REDELIVERIES = [5000, 15_000, 45_000]

export const createNotices = (
  time: VirtualTime,
  random: Random,
  /** @returns whether it was answered 200 */
  deliver: (notice: Notice) => Promise<boolean>,
): Notices => {
  const dooms: { fate: NoticeFate; share: number }[] = []
  let count = 0

  const post = (notice: Notice, delayMs: number, tries = 0): void => {
    time.after(delayMs, async () => {
      if (await deliver(notice)) return
      const wait = REDELIVERIES[tries]
      if (wait !== undefined) post(notice, wait, tries + 1)
    })
  }

  return {
    send: (task, event) => {
      const { sid, cname, uidNow: uid } = task
      const notice = { ...event, noticeId: `notice${++count}`, sid, cname, uid, sequence: task.sequence++ }
      const fate = dooms.find(({ share }) => random.chance(share))?.fate
      if (fate === 'dropped') return
      post(notice, fate === 'delayed' ? random.whole(1000, 300_000) : random.whole(100, 1500))
      if (fate === 'doubled') post(notice, random.whole(100, 60_000))
      if (fate === 'redundant') post({ ...notice, noticeId: `notice${++count}` }, random.whole(100, 60_000))
    },
    doom: (fate, share) => {
      const doom = { fate, share }
      dooms.push(doom)
      return () => {
        dooms.splice(dooms.indexOf(doom), 1)
      }
    },
  }
}
