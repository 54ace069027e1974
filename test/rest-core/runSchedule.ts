import { createInProcessEmulator, type InProcessEmulator, type TaskView } from '@stillrolling/emulator'
import { confirmStarted, type StartRecordingResult, type StopResult } from '@stillrolling/rest-core'
import { createNetwork, type Network, type Sent } from './faultyNetwork.ts'
import { credentials, type Kit, ourKit, requestFor } from './kit.ts'
import { MAX_DELAY, type PlannedFault, type RecordingPlan, type Schedule } from './schedule.ts'
import { createSimulatedTime } from './simulatedTime.ts'

export interface Identity {
  cname: string
  uid: string
}

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

/** The record of a run that invariants are checked against. */
export interface RunRecord {
  /** The account's requests per second. */
  quota: number
  sent: readonly Sent[]
  callers: readonly Caller[]
  /** Every task, as it was after the faults and before the last stops. */
  afterFaults: readonly TaskView[]
  stopped: readonly Stopped[]
  /** Every task, as it was at the end. */
  atEnd: readonly TaskView[]
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

const QUOTA = 10

export const runs = ({ state }: TaskView): boolean => state !== 'ended' && state !== 'exiting'

/** Longer than the longest outage or failover of any schedule. */
const HEAL_SECONDS = 120

/** Runs a schedule in simulated time, from the first start to the last stop. Deterministic except for ids. */
export const runSchedule = async (schedule: Schedule, kit: Kit = ourKit): Promise<RunRecord> => {
  const time = createSimulatedTime()
  const emulator = createInProcessEmulator({
    ...credentials,
    browser: false,
    clock: time,
    // An invariant checks the rate; a 429 would hide that the client exceeds it.
    qps: null,
  })
  const operations = new Map<string, number>()
  const network = createNetwork({
    emulator,
    time,
    latencyMs: schedule.latencyMs,
    operationOf: (subject) => operations.get(subject) ?? 0,
  })
  const client = kit.createClient({
    ...credentials,
    area: 'EU',
    fetch: network.fetch,
    clock: time,
    random: seededRandom(schedule.jitterSeed),
  })
  const stopped: Stopped[] = []
  let operation = 0
  const begin = (subject: string): void => {
    operations.set(subject, ++operation)
  }

  const stop = async (task: Identity & { sid: string; resourceId: string }, duringFaults: boolean) => {
    begin(task.sid)
    const { cname, uid, sid, resourceId } = task
    const request = { cname, uid, sid, resourceId, mode: 'web', clientRequest: { async_stop: true } } as const
    const result = await kit.stop(client, request, {})
    const stillRuns = emulator.tasks().some((each) => each.sid === sid && runs(each))
    stopped.push({ ...task, at: time.now(), duringFaults, result, stillRuns })
  }

  const startOnce = async (
    { identity, page, stored }: CallerMemory,
    earlier: StoredResource | undefined,
    crashAfterMs: number | null,
  ): Promise<Caller['results'][number]> => {
    begin(page)
    const crash = new AbortController()
    const cancel = crashAfterMs === null ? undefined : time.after(crashAfterMs, () => crash.abort())
    const result = await kit.start(client, {
      ...identity,
      ...earlier,
      clientRequest: requestFor(page),
      onResource: async (resourceId, acquiredAt) => {
        stored.push({ resourceId, acquiredAt })
      },
      signal: crash.signal,
    })
    cancel?.()
    return crash.signal.aborted && result.outcome !== 'started' ? { outcome: 'crashed' } : result
  }

  const runCaller = async (plan: RecordingPlan, index: number): Promise<Caller> => {
    const identity = identityOf(plan, index)
    const job: CallerMemory = { identity, page: `https://page.example.com/${index}`, stored: [] }
    await time.sleep(plan.startAtMs)
    let result = await startOnce(job, undefined, plan.crashAfterMs)
    const results = [result]
    for (let resumed = 0; resumed < plan.resumes; resumed++) {
      if (result.outcome !== 'unknown' && result.outcome !== 'crashed') break
      await time.sleep(5000)
      // A process that crashed got no result and only has what it stored.
      const earlier = result.outcome === 'unknown' ? result : job.stored.at(-1)
      result = await startOnce(job, earlier && storedResource(earlier), null)
      results.push(result)
    }
    const caller = {
      ...identity,
      at: time.now(),
      results,
      stored: job.stored.map(({ resourceId }) => resourceId),
    }
    if (plan.stopEarly && !hasRival(schedule, plan, index) && result.outcome === 'started') {
      begin(result.sid)
      const { resourceId, sid } = result
      const confirmed = confirmStarted(client, { resourceId, sid, mode: 'web' })
      await Promise.all([confirmed, time.sleep((MAX_DELAY + 5) * 1000)])
      await stop({ ...identity, ...result }, true)
    }
    return caller
  }

  const runAll = async (): Promise<RunRecord> => {
    const planned = schedule.faults.map((fault) =>
      time.after(fault.atMs, () => inject(fault, emulator, network)),
    )
    const { failover } = schedule
    if (failover) planned.push(time.after(failover.atMs, () => failOver(emulator, failover.seconds)))
    const callers = await Promise.all(schedule.plans.map(runCaller))
    for (const cancel of planned) cancel()
    emulator.clearFaults()
    network.heal()
    await time.sleep(HEAL_SECONDS * 1000)
    const afterFaults = emulator.tasks()
    for (const task of afterFaults.filter(runs)) {
      const known = callers.map((each) => addressBy(each, task)).find((each) => each !== null)
      if (known) await stop(known, false)
    }
    return { quota: QUOTA, sent: network.sent, callers, afterFaults, stopped, atEnd: emulator.tasks() }
  }

  try {
    return await time.run(runAll())
  } finally {
    await emulator.close()
  }
}

const inject = (fault: PlannedFault, emulator: InProcessEmulator, network: Network): void => {
  if (fault.kind === 'service') {
    const { call, then, times } = fault
    emulator.injectFault({ on: 'call', call, then, times })
  } else network.inject(fault)
}

const failOver = (emulator: InProcessEmulator, seconds: number): void => {
  for (const { sid } of emulator.tasks().filter(runs))
    void emulator.runCommand(sid, { do: 'notFound', seconds })
}

/** The linear congruential generator of Numerical Recipes; good enough for jitter. */
const seededRandom = (seed: number): (() => number) => {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

const identityOf = ({ rival }: RecordingPlan, index: number): Identity =>
  rival ? { cname: 'class0', uid: '900000' } : { cname: `class${index}`, uid: `${900_000 + index}` }

/** Whether another plan has the same cname and uid. */
const hasRival = ({ plans }: Schedule, plan: RecordingPlan, index: number): boolean => {
  const { cname } = identityOf(plan, index)
  return plans.some((other, at) => at !== index && identityOf(other, at).cname === cname)
}

const storedResource = ({ resourceId, acquiredAt }: StoredResource): StoredResource => ({
  resourceId,
  acquiredAt,
})

/**
 * The address of a task as far as this caller can know it, or null. After `started` it knows the sid. Otherwise a
 * notification has the cname, uid and sid, and the resource is one of those in the caller's results, or, after a crash,
 * one of those it stored.
 */
export const addressBy = (
  caller: Caller,
  task: TaskView,
): (Identity & { sid: string; resourceId: string }) | null => {
  const { cname, uid, results, stored } = caller
  const last = results.at(-1)
  if (task.cname !== cname || task.uid !== uid || last?.outcome === 'notStarted') return null
  const { sid, resourceId } = task
  const known =
    last?.outcome === 'started' && last.sid !== sid
      ? []
      : results.flatMap((each) => resourcesOf(each, stored))
  return known.includes(resourceId) ? { cname, uid, sid, resourceId } : null
}

const resourcesOf = (result: Caller['results'][number], stored: readonly string[]): readonly string[] => {
  switch (result.outcome) {
    case 'started':
      return [result.resourceId]
    case 'running':
    case 'unknown':
      return result.resourceIds
    case 'notStarted':
      return []
    case 'crashed':
      return stored
  }
}
