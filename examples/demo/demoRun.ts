import { setTimeout as sleep } from 'node:timers/promises'
import type { RecordingView, TimelineView } from '@stillrolling/reporter'
import type { Testbed } from '../testbed/testbed.ts'
import { type DemoCase, idOf, mismatches, requestOf } from './demoCases.ts'

/** A case and its recording, as the last poll saw it. */
export interface CaseProgress {
  demoCase: DemoCase
  recording: RecordingView | undefined
  timeline: TimelineView[]
  /** When the case's fault was injected into the first attempt, in milliseconds since the epoch. */
  faultAt: number | undefined
}

/** Records the pages of all cases together and follows them over the reporter's API. */
export interface DemoRun {
  cases: readonly CaseProgress[]
  /** Creates the recordings. */
  start(): Promise<void>
  /** Refreshes all cases and injects faults into those that roll. Failed API calls are repeated by the next poll. */
  poll(): Promise<void>
  /** Whether every case has its expected result. */
  isDone(): boolean
  /** Polls until `isDone`; resolves with false after `seconds` or when `signal` aborts. */
  runUntilDone(options: { seconds: number; signal?: AbortSignal; onPoll?: () => void }): Promise<boolean>
  /** Stops the recordings; resolves with false when Agora still runs one of them after `seconds`. */
  stopAll(seconds: number): Promise<boolean>
}

const POLL_INTERVAL_MS = 400
/** How long a recording rolls before its fault is injected. */
const FAULT_DELAY_MS = 2000

export const createDemoRun = (testbed: Testbed, demoCases: readonly DemoCase[]): DemoRun => {
  const cases = demoCases.map(
    (demoCase): CaseProgress => ({ demoCase, recording: undefined, timeline: [], faultAt: undefined }),
  )
  const injected = new Set<DemoCase>()
  /** Why a fault could not be injected: its case cannot have the expected result then. */
  let injectionError: unknown

  const refresh = async (progress: CaseProgress): Promise<void> => {
    const id = idOf(progress.demoCase)
    progress.recording = await testbed.api.get(id)
    progress.timeline.push(...(await testbed.api.timeline(id, progress.timeline.at(-1)?.id ?? 0)))
  }

  const injectFault = async (progress: CaseProgress): Promise<void> => {
    const { demoCase, recording } = progress
    const sid = recording?.attempts[0]?.sid
    if (!demoCase.fault || injected.has(demoCase) || recording?.state !== 'rolling' || !sid) return
    injected.add(demoCase)
    await sleep(FAULT_DELAY_MS)
    progress.faultAt = Date.now()
    await testbed.emulator.runCommand(sid, demoCase.fault.command)
  }

  const poll = async (): Promise<void> => {
    if (injectionError !== undefined) throw injectionError
    await Promise.allSettled(cases.map(refresh))
    for (const progress of cases) {
      injectFault(progress).catch((error: unknown) => {
        injectionError = error
      })
    }
  }

  const isDone = (): boolean =>
    cases.every(
      ({ demoCase, recording }) => recording !== undefined && mismatches(demoCase, recording).length === 0,
    )

  return {
    cases,
    start: async () => {
      for (const { demoCase } of cases) await testbed.api.create(requestOf(demoCase, testbed))
    },
    poll,
    isDone,
    runUntilDone: async ({ seconds, signal, onPoll }) => {
      const deadline = Date.now() + seconds * 1000
      while (Date.now() < deadline && !signal?.aborted) {
        await poll()
        onPoll?.()
        if (isDone()) return true
        await sleep(POLL_INTERVAL_MS, undefined, { signal }).catch(() => undefined)
      }
      return false
    },
    stopAll: async (seconds) => {
      for (const { demoCase } of cases) await testbed.api.stop(idOf(demoCase))
      const deadline = Date.now() + seconds * 1000
      while (Date.now() < deadline) {
        await poll()
        const stopped = cases.every(({ recording }) => recording?.state === 'stopped')
        if (stopped && testbed.emulator.tasks().every(({ state }) => state === 'ended')) return true
        await sleep(POLL_INTERVAL_MS)
      }
      return false
    },
  }
}
