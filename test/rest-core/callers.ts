import type { InProcessEmulator } from '@stillrolling/emulator'
import {
  type CloudRecording,
  confirmStarted,
  type Identity,
  type StartRecordingResult,
  type StopResult,
} from '@stillrolling/rest-core'
import { isRunning, type Kit, requestFor } from './kit.ts'
import { MAX_DELAY, type RecordingPlan, type Schedule } from './schedule.ts'
import type { SimulatedTime } from './simulatedTime.ts'

/** A caller and the results of all its runs of `startRecording`. */
export type Caller = Identity & {
  at: number
  /** One per run; the last is what the caller believes. */
  results: readonly (StartRecordingResult | { outcome: 'crashed' })[]
  /** The resources that it stored before their starts were sent. */
  stored: readonly string[]
}

/** A task that a caller knew, and the result of its `stopUntilConfirmed`. */
export type Stopped = Identity & {
  at: number
  sid: string
  resourceId: string
  /** Without faults every stop must be confirmed. */
  duringFaults: boolean
  result: StopResult
  stillRuns: boolean
}

interface StoredResource {
  resourceId: string
  acquiredAt?: number
}

/** What a caller remembers after a crash. */
interface CallerMemory {
  identity: Identity
  page: string
  stored: StoredResource[]
}

interface CallerOptions {
  schedule: Schedule
  kit: Kit
  client: CloudRecording
  time: SimulatedTime
  emulator: InProcessEmulator
  /** Marks requests with this page or sid as those of a new run of a recipe. */
  beginOperation(subject: string): void
}

interface Callers {
  runCaller(plan: RecordingPlan, index: number): Promise<Caller>
  stop(
    task: Identity & { sid: string; resourceId: string },
    options: { duringFaults: boolean },
  ): Promise<void>
  stopped: readonly Stopped[]
}

/** The callers of a schedule: each starts its recording, resumes after a crash, and may stop it early. */
export const createCallers = (options: CallerOptions): Callers => {
  const { schedule, kit, client, time, emulator, beginOperation } = options
  const stopped: Stopped[] = []

  const stop: Callers['stop'] = async (task, { duringFaults }) => {
    beginOperation(task.sid)
    const { cname, uid, sid, resourceId } = task
    const request = { cname, uid, sid, resourceId, mode: 'web', clientRequest: { async_stop: true } } as const
    const result = await kit.stop(client, request, {})
    const stillRuns = emulator.tasks().some((each) => each.sid === sid && isRunning(each))
    stopped.push({ ...task, at: time.now(), duringFaults, result, stillRuns })
  }

  const runCaller: Callers['runCaller'] = async (plan, index) => {
    const identity = identityOf(plan, index)
    const memory: CallerMemory = { identity, page: `https://page.example.com/${index}`, stored: [] }
    await time.sleep(plan.startAtMs)
    let result = await startOnce(options, memory, { crashAfterMs: plan.crashAfterMs })
    const results = [result]
    for (let resumed = 0; resumed < plan.resumes; resumed++) {
      if (result.outcome !== 'unknown' && result.outcome !== 'crashed') break
      await time.sleep(5000)
      // A process that crashed got no result and only has what it stored.
      const earlier = result.outcome === 'unknown' ? result : memory.stored.at(-1)
      result = await startOnce(options, memory, { earlier, crashAfterMs: null })
      results.push(result)
    }
    const stored = memory.stored.map(({ resourceId }) => resourceId)
    const caller = { ...identity, at: time.now(), results, stored }
    if (plan.stopEarly && !hasRival(schedule, plan, index) && result.outcome === 'started') {
      beginOperation(result.sid)
      const { resourceId, sid } = result
      const confirmed = confirmStarted(client, { resourceId, sid, mode: 'web' })
      await Promise.all([confirmed, time.sleep((MAX_DELAY + 5) * 1000)])
      await stop({ ...identity, ...result }, { duringFaults: true })
    }
    return caller
  }

  return { runCaller, stop, stopped }
}

/** Runs `startRecording` once, until it ends or the caller crashes. */
const startOnce = async (
  { kit, client, time, beginOperation }: CallerOptions,
  { identity, page, stored }: CallerMemory,
  { earlier, crashAfterMs }: { earlier?: StoredResource; crashAfterMs: number | null },
): Promise<Caller['results'][number]> => {
  beginOperation(page)
  const crash = new AbortController()
  const cancel = crashAfterMs === null ? undefined : time.after(crashAfterMs, () => crash.abort())
  const result = await kit.start(client, {
    ...identity,
    ...(earlier && { resourceId: earlier.resourceId, acquiredAt: earlier.acquiredAt }),
    clientRequest: requestFor(page),
    onResource: async (resourceId, acquiredAt) => {
      stored.push({ resourceId, acquiredAt })
    },
    signal: crash.signal,
  })
  cancel?.()
  return crash.signal.aborted && result.outcome !== 'started' ? { outcome: 'crashed' } : result
}

const identityOf = ({ rival }: RecordingPlan, index: number): Identity =>
  rival ? { cname: 'class0', uid: '900000' } : { cname: `class${index}`, uid: `${900_000 + index}` }

/** Whether another plan has the same cname and uid. */
const hasRival = ({ plans }: Schedule, plan: RecordingPlan, index: number): boolean => {
  const { cname } = identityOf(plan, index)
  return plans.some((other, at) => at !== index && identityOf(other, at).cname === cname)
}
