import { createInProcessEmulator, type InProcessEmulator, type TaskView } from '@stillrolling/emulator'
import { confirmStarted, type StartRecordingResult, type StopResult } from '@stillrolling/rest-core'
import { createNetwork, type Network, type Sent } from './faultyNetwork.ts'
import { credentials, type Kit, ourKit, requestFor } from './kit.ts'
import { LONGEST_DELAY, type PlannedFault, type Schedule, type Wish } from './schedule.ts'
import { createSimulatedTime } from './simulatedTime.ts'

export interface Identity {
  cname: string
  uid: string
}

/** What a caller was told by all its runs of `startRecording`. */
export type Told = Identity & {
  at: number
  /** Of each run, the last one being what it holds to be true. */
  results: readonly (StartRecordingResult | { outcome: 'crashed' })[]
  /** The resources it stored before their starts were sent. */
  stored: readonly string[]
}

/** A task that a caller knew, and what became of it by `stopUntilConfirmed`. */
export type Stopped = Identity & {
  at: number
  sid: string
  resourceId: string
  /** After the faults nothing excuses a stop that is not confirmed. */
  amidFaults: boolean
  result: StopResult
  stillRuns: boolean
}

/** Everything that an invariant may look at. */
export interface Observation {
  /** Requests per second that the account has. */
  quota: number
  sent: readonly Sent[]
  told: readonly Told[]
  /** Every task there ever was, as it was after the faults and before the last stops. */
  afterFaults: readonly TaskView[]
  stopped: readonly Stopped[]
  /** Every task there ever was, as it was at the end. */
  atEnd: readonly TaskView[]
}

interface StoredResource {
  resourceId: string
  acquiredAt?: number
}

/** What a caller wants, and the memory of it that outlives a crash. */
interface Job {
  identity: Identity
  page: string
  stored: StoredResource[]
}

const QUOTA = 10

export const runs = ({ state }: TaskView): boolean => state !== 'ended' && state !== 'exiting'

/** Longer than the longest outage or failover of any schedule. */
const HEAL_SECONDS = 120

/** Runs a schedule on simulated time, from the first wish to the last stop. Deterministic but for ids. */
export const runSchedule = async (schedule: Schedule, kit: Kit = ourKit): Promise<Observation> => {
  const time = createSimulatedTime()
  const emulator = createInProcessEmulator({
    ...credentials,
    browser: false,
    clock: time,
    // More than 10 is what is looked for, not what shall be hidden by an answer of 429.
    qps: null,
  })
  const operations = new Map<string, number>()
  const network = createNetwork({
    emulator,
    time,
    latencyMs: schedule.latencyMs,
    operationOf: (about) => operations.get(about) ?? 0,
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
  const begin = (about: string): void => {
    operations.set(about, ++operation)
  }

  const stop = async (task: Identity & { sid: string; resourceId: string }, amidFaults: boolean) => {
    begin(task.sid)
    const { cname, uid, sid, resourceId } = task
    const request = { cname, uid, sid, resourceId, mode: 'web', clientRequest: { async_stop: true } } as const
    const result = await kit.stop(client, request, {})
    const stillRuns = emulator.tasks().some((each) => each.sid === sid && runs(each))
    stopped.push({ ...task, at: time.now(), amidFaults, result, stillRuns })
  }

  const startOnce = async (
    { identity, page, stored }: Job,
    earlier: StoredResource | undefined,
    crashAfterMs: number | null,
  ): Promise<Told['results'][number]> => {
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

  const fulfil = async (wish: Wish, index: number): Promise<Told> => {
    const identity = identityOf(wish, index)
    const job: Job = { identity, page: `https://page.example.com/${index}`, stored: [] }
    await time.sleep(wish.startAtMs)
    let result = await startOnce(job, undefined, wish.crashAfterMs)
    const results = [result]
    for (let resumed = 0; resumed < wish.resumes; resumed++) {
      if (result.outcome !== 'unknown' && result.outcome !== 'crashed') break
      await time.sleep(5000)
      // A process that crashed was told nothing: all it has is what it stored.
      const earlier = result.outcome === 'unknown' ? result : job.stored.at(-1)
      result = await startOnce(job, earlier && storedResource(earlier), null)
      results.push(result)
    }
    const told = {
      ...identity,
      at: time.now(),
      results,
      stored: job.stored.map(({ resourceId }) => resourceId),
    }
    if (wish.stopEarly && !hasRival(schedule, wish, index) && result.outcome === 'started') {
      begin(result.sid)
      const { resourceId, sid } = result
      const confirmed = confirmStarted(client, { resourceId, sid, mode: 'web' })
      await Promise.all([confirmed, time.sleep((LONGEST_DELAY + 5) * 1000)])
      await stop({ ...identity, ...result }, true)
    }
    return told
  }

  const story = async (): Promise<Observation> => {
    const planned = schedule.faults.map((fault) =>
      time.after(fault.atMs, () => plan(fault, emulator, network)),
    )
    const { failover } = schedule
    if (failover) planned.push(time.after(failover.atMs, () => failOver(emulator, failover.seconds)))
    const told = await Promise.all(schedule.wishes.map(fulfil))
    for (const callOff of planned) callOff()
    emulator.clearFaults()
    network.heal()
    await time.sleep(HEAL_SECONDS * 1000)
    const afterFaults = emulator.tasks()
    for (const task of afterFaults.filter(runs)) {
      const known = told.map((each) => addressBy(each, task)).find((each) => each !== null)
      if (known) await stop(known, false)
    }
    return { quota: QUOTA, sent: network.sent, told, afterFaults, stopped, atEnd: emulator.tasks() }
  }

  try {
    return await time.run(story())
  } finally {
    await emulator.close()
  }
}

const plan = (fault: PlannedFault, emulator: InProcessEmulator, network: Network): void => {
  if (fault.kind === 'service') {
    const { call, then, times } = fault
    emulator.injectFault({ on: 'call', call, then, times })
  } else network.plan(fault)
}

const failOver = (emulator: InProcessEmulator, seconds: number): void => {
  for (const { sid } of emulator.tasks().filter(runs))
    void emulator.runCommand(sid, { do: 'notFound', seconds })
}

/** Numerical Recipes' linear congruential generator: good enough for jitter. */
const seededRandom = (seed: number): (() => number) => {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

const identityOf = ({ rival }: Wish, index: number): Identity =>
  rival ? { cname: 'class0', uid: '900000' } : { cname: `class${index}`, uid: `${900_000 + index}` }

/** Whether another wish has the same cname and uid. */
const hasRival = ({ wishes }: Schedule, wish: Wish, index: number): boolean => {
  const { cname } = identityOf(wish, index)
  return wishes.some((other, at) => at !== index && identityOf(other, at).cname === cname)
}

const storedResource = ({ resourceId, acquiredAt }: StoredResource): StoredResource => ({
  resourceId,
  acquiredAt,
})

/**
 * The address of a task as this caller can know it, or null. `started` named the sid. Else it is the first
 * notification's cname, uid and sid, which go with one of the resources that the caller was told of. Only who crashed
 * has to go by the resources it stored: it was told of none.
 */
export const addressBy = (
  told: Told,
  task: TaskView,
): (Identity & { sid: string; resourceId: string }) | null => {
  const { cname, uid, results, stored } = told
  const last = results.at(-1)
  if (task.cname !== cname || task.uid !== uid || last?.outcome === 'notStarted') return null
  const { sid, resourceId } = task
  const known =
    last?.outcome === 'started' && last.sid !== sid
      ? []
      : results.flatMap((each) => resourcesOf(each, stored))
  return known.includes(resourceId) ? { cname, uid, sid, resourceId } : null
}

const resourcesOf = (result: Told['results'][number], stored: readonly string[]): readonly string[] => {
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
