import type { PageReport } from '../../packages/reporter/src/supervisor/signal.ts'
import type { Task } from './agora.ts'
import type { PageStory, PageTurn } from './scenario.ts'
import type { VirtualTime } from './virtualTime.ts'

/** The document in a task's recorder, as it really is. */
export interface Page {
  readonly id: string
  readonly task: Task
  /** false: closed with its recorder, reloaded, or dead. */
  open: boolean
  frozen: boolean
  loaded: boolean
  ok: boolean
  /** Told that another attempt records: it says no more. */
  silenced: boolean
  /** What the reporter has taken in last, whether its answer came through or not. */
  heard: { at: number; loaded: boolean; ok: boolean } | null
}

export interface OpenPage extends Page {
  /** The document is left: another one comes. */
  leave(): void
  /** The recorder is gone. */
  close(): void
}

export interface PageEvents {
  /** @returns an HTTP status; 0 if there was no answer */
  report(
    task: Task,
    report: PageReport,
    sid: string | null,
    onKept: () => void,
  ): Promise<{ status: number; sid: string | null }>
  /** It says nothing from now on, while its task runs. */
  onSilent(page: Page): void
}

interface Letter {
  type: PageReport['type']
  failing: PageReport['failing']
  seq: number
  /** Must arrive, in order. */
  keep: boolean
}

/** The probe's waits before a report is sent again, in milliseconds; the last one repeats. */
const BACK_OFF = [1000, 2000, 4000, 8000, 16_000, 30_000]

/** The probe looks at the page so often, in milliseconds. */
const LOOK_MS = 1000

/**
 * A page with the probe in it: hello, loaded, a heartbeat at each interval, and one at once when a check turns. One
 * report at a time, in order; what was not answered is sent again. The real probe is tested in packages/probe.
 */
export const openPage = (
  world: { time: VirtualTime; events: PageEvents },
  task: Task,
  options: { id: string; story: PageStory; intervalMs: number },
): OpenPage => {
  const { time, events } = world
  const { id, story, intervalMs } = options
  let outbox: Letter[] = []
  let seq = 0
  let sid: string | null = null
  let underWay = false
  let failures = 0
  let overdue = false
  let cancelRetry: (() => void) | undefined

  const page: OpenPage = {
    ...{ id, task, open: true, frozen: false, loaded: false, ok: true, silenced: false, heard: null },
    leave: () => {
      // A beacon: sent once, and nobody waits for an answer.
      const bye = { type: 'bye' as const, page: id, seq: ++seq, failing: [] }
      if (page.open && !page.frozen && !page.silenced && !story.mute)
        void events.report(task, bye, sid, () => {})
      page.close()
    },
    close: () => {
      page.open = false
      outbox = []
      cancelRetry?.()
    },
  }

  const failingNow = (): PageReport['failing'] => {
    if (page.loaded) return page.ok ? [] : [{ name: '#board', detail: 'not there' }]
    return [{ name: '#board', ...(overdue && { overdue }) }]
  }

  const say = (type: Letter['type'], keep: boolean): void => {
    if (!page.open || page.frozen || page.silenced) return
    outbox = outbox.filter((letter) => letter.keep)
    outbox.push({ type, failing: failingNow(), seq: ++seq, keep })
    if (!keep || cancelRetry === undefined) wake()
  }

  const wake = (): void => {
    cancelRetry?.()
    cancelRetry = undefined
    void pump()
  }

  const pump = async (): Promise<void> => {
    const letter = outbox[0]
    if (underWay || !page.open || page.frozen || !letter) return
    outbox.shift()
    underWay = true
    const { type, failing } = letter
    const report = { type, page: id, seq: letter.seq, failing }
    const answer = story.mute
      ? { status: 0, sid: null }
      : await events.report(task, report, sid, () => noteKept(letter))
    underWay = false
    if (page.open) settle(letter, answer)
  }

  const noteKept = ({ type, failing }: Letter): void => {
    const loaded = page.heard?.loaded || type === 'loaded'
    page.heard = { at: time.now(), loaded, ok: failing.length === 0 }
  }

  const settle = (letter: Letter, answer: { status: number; sid: string | null }): void => {
    if (answer.status === 200) {
      failures = 0
      sid = answer.sid ?? sid
      void pump()
      return
    }
    if (answer.status === 410) {
      page.silenced = true
      return
    }
    if (letter.keep || outbox.length === 0) outbox.unshift(letter)
    if (answer.status === 409) {
      sid = null
      void pump()
      return
    }
    cancelRetry = time.after(BACK_OFF[Math.min(failures++, BACK_OFF.length - 1)] ?? 0, wake)
  }

  const beat = (): void => {
    if (!page.open || page.silenced) return
    say('heartbeat', false)
    time.after(intervalMs, beat)
  }

  const load = (): void => {
    if (!page.open) return
    if (page.frozen) {
      time.after(LOOK_MS, load)
      return
    }
    page.loaded = true
    say('loaded', true)
  }

  const Turns: Record<Exclude<PageTurn, 'reload'>, () => void> = {
    die: () => {
      page.close()
      events.onSilent(page)
    },
    freeze: () => {
      page.frozen = true
      events.onSilent(page)
    },
    thaw: () => {
      page.frozen = false
      say('heartbeat', true)
    },
    fail: () => turnCheck(false),
    mend: () => turnCheck(true),
  }
  const turnCheck = (ok: boolean): void => {
    page.ok = ok
    if (page.loaded) say('heartbeat', true)
  }

  const giveUpLoading = (): void => {
    if (page.loaded) return
    overdue = true
    say('heartbeat', true)
  }

  say('hello', true)
  if (story.patienceMs !== null) time.after(story.patienceMs, giveUpLoading)
  time.after(intervalMs, beat)
  if (story.loadMs !== null) time.after(story.loadMs, load)
  for (const { after, turn } of story.turns) {
    if (turn !== 'reload') time.after(after, () => page.open && Turns[turn]())
  }
  return page
}
