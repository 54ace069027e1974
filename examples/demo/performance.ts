import { setTimeout as sleep } from 'node:timers/promises'
import type { RecordingView, TimelineView } from '@stillrolling/reporter'
import type { Stage } from './stage.ts'
import { differences, idOf, requestOf, type Story } from './stories.ts'

/** A story on stage, as it was seen last. */
export interface Act {
  story: Story
  recording: RecordingView | undefined
  timeline: TimelineView[]
  /** When the first attempt was sabotaged, in milliseconds since the epoch. */
  sabotagedAt: number | undefined
}

/** Plays stories on a stage, all at once, and watches them over the reporter's API. */
export interface Performance {
  acts: readonly Act[]
  /** Starts the recordings. */
  begin(): Promise<void>
  /** Looks once: refreshes the acts, sabotages those that roll. Calls that fail are made again the next time. */
  look(): Promise<void>
  /** Whether every story has ended as it should. */
  done(): boolean
  /** Looks until all is done; false when the time is over. `each` is called after every look. */
  watch(options: { seconds: number; signal?: AbortSignal; each?: () => void }): Promise<boolean>
  /** Stops the recordings, and waits until Agora runs none of them any more; false when the time is over. */
  end(seconds: number): Promise<boolean>
}

const LOOK_MS = 400

export const createPerformance = (stage: Stage, stories: readonly Story[]): Performance => {
  const acts = stories.map(
    (story): Act => ({ story, recording: undefined, timeline: [], sabotagedAt: undefined }),
  )

  /** Why a sabotage failed: a story cannot go on as written then. */
  let broken: unknown

  const refresh = async (act: Act): Promise<void> => {
    const id = idOf(act.story)
    act.recording = await stage.api.get(id)
    act.timeline.push(...(await stage.api.timeline(id, act.timeline.at(-1)?.id ?? 0)))
  }

  const sabotage = (act: Act): void => {
    const sid = act.recording?.attempts[0]?.sid
    if (!act.story.sabotage || act.sabotagedAt !== undefined || act.recording?.state !== 'rolling' || !sid)
      return
    act.sabotagedAt = Date.now()
    act.story.sabotage(stage, sid).then(
      () => {
        act.sabotagedAt = Date.now()
      },
      (error: unknown) => {
        broken = error
      },
    )
  }

  const look = async (): Promise<void> => {
    if (broken !== undefined) throw broken
    await Promise.allSettled(acts.map(refresh))
    acts.forEach(sabotage)
  }

  const done = (): boolean =>
    acts.every(
      ({ story, recording }) => recording !== undefined && differences(story, recording).length === 0,
    )

  return {
    acts,
    begin: async () => {
      for (const { story } of acts) await stage.api.create(requestOf(story, stage))
    },
    look,
    done,
    watch: async ({ seconds, signal, each }) => {
      const deadline = Date.now() + seconds * 1000
      while (Date.now() < deadline && !signal?.aborted) {
        await look()
        each?.()
        if (done()) return true
        await sleep(LOOK_MS, undefined, { signal }).catch(() => undefined)
      }
      return false
    },
    end: async (seconds) => {
      for (const { story } of acts) await stage.api.stop(idOf(story))
      const deadline = Date.now() + seconds * 1000
      while (Date.now() < deadline) {
        await look()
        const stopped = acts.every(({ recording }) => recording?.state === 'stopped')
        if (stopped && stage.emulator.tasks().every(({ state }) => state === 'ended')) return true
        await sleep(LOOK_MS)
      }
      return false
    },
  }
}
