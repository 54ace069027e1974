import { createInProcessEmulator, type InProcessEmulator, type TaskView } from '@stillrolling/emulator'
import { type Caller, createCallers, type Stopped } from './callers.ts'
import { createNetwork, type Network, type Sent } from './faultyNetwork.ts'
import { findTask } from './findTask.ts'
import { credentials, isRunning, type Kit, ourKit } from './kit.ts'
import type { PlannedFault, Schedule } from './schedule.ts'
import { createSimulatedTime, type SimulatedTime } from './simulatedTime.ts'

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

const QUOTA = 10

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
  let operation = 0
  const beginOperation = (subject: string): void => {
    operations.set(subject, ++operation)
  }
  const { runCaller, stop, stopped } = createCallers({
    schedule,
    kit,
    client,
    time,
    emulator,
    beginOperation,
  })

  const runAll = async (): Promise<RunRecord> => {
    const planned = planFaults(schedule, { time, emulator, network })
    const callers = await Promise.all(schedule.plans.map(runCaller))
    for (const cancel of planned) cancel()
    emulator.clearFaults()
    network.heal()
    await time.sleep(HEAL_SECONDS * 1000)
    const afterFaults = emulator.tasks()
    for (const task of afterFaults.filter(isRunning)) {
      const known = callers.map((caller) => findTask(caller, task)).find((each) => each !== null)
      if (known) await stop(known, { duringFaults: false })
    }
    return { quota: QUOTA, sent: network.sent, callers, afterFaults, stopped, atEnd: emulator.tasks() }
  }

  try {
    return await time.run(runAll())
  } finally {
    await emulator.close()
  }
}

interface World {
  time: SimulatedTime
  emulator: InProcessEmulator
  network: Network
}

/** Injects each fault at its time. Returns a function for each that cancels it. */
const planFaults = ({ faults, failover }: Schedule, world: World): (() => void)[] => {
  const { time, emulator } = world
  const planned = faults.map((fault) => time.after(fault.atMs, () => inject(fault, world)))
  if (failover) planned.push(time.after(failover.atMs, () => failOver(emulator, failover.seconds)))
  return planned
}

const inject = (fault: PlannedFault, { emulator, network }: World): void => {
  if (fault.kind === 'service') {
    const { call, then, times } = fault
    emulator.injectFault({ on: 'call', call, then, times })
  } else network.inject(fault)
}

const failOver = (emulator: InProcessEmulator, seconds: number): void => {
  for (const { sid } of emulator.tasks().filter(isRunning))
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
