import { setTimeout as sleep } from 'node:timers/promises'
import { freePort, openTestbed, type Testbed, type TestbedOptions } from '@stillrolling/examples/testbed'
import { record, sidOf } from './recordings.ts'
import { openWayIn, type WayIn } from './wayIn.ts'

export interface IngressOutageOptions {
  /** Where the pages load the probe from: from the reporter they cannot in an outage. */
  probe: TestbedOptions['probe']
  /** Of the reporter. */
  environment?: Record<string, string>
  /** Of the recordings, as `record` takes it. */
  policy: Record<string, unknown> | null
}

/** Four rolling recordings, and the way on which their reports arrive. */
export interface OutageRig {
  testbed: Testbed
  wayIn: WayIn
  /** The tasks of the beginning: sids by the recordings' ids. */
  firstTasks: ReadonlyMap<string, string>
  close(): Promise<void>
}

export const IDS = ['class1', 'class2', 'class3', 'class4'] as const

const POLL_MS = 500
/** For four pages in one Chromium on a busy machine. */
const START_SECONDS = 60

/** @throws when a part cannot start, or a recording does not roll; what has started is ended first */
export const openOutageRig = async (options: IngressOutageOptions): Promise<OutageRig> => {
  const port = await freePort()
  const wayIn = await openWayIn(port)
  const cleanups = [wayIn.close]
  const close = async (): Promise<void> => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
  }
  try {
    const testbed = await openTestbed({
      port,
      publicUrl: wayIn.url,
      probe: options.probe,
      emulator: { openDelay: 0 },
      environment: options.environment,
    })
    cleanups.push(testbed.close)
    for (const id of IDS) await record(testbed, id, options.policy)
    await waitUntilAsBefore(testbed, START_SECONDS)
    const sids = await Promise.all(IDS.map(async (id) => [id, await sidOf(testbed, id)] as const))
    return { testbed, wayIn, firstTasks: new Map(sids), close }
  } catch (error) {
    await close()
    throw error
  }
}

/** One entry of a recording's timeline; `at` is in seconds since the beginning of the outage. */
export interface OutageLine {
  at: number
  id: string
  code: string
  attempt: number | null
  message: string
}

/** What became of the tasks in an outage. Seconds count from its beginning. */
export interface OutageReport {
  /** Recordings whose first task Agora was asked to stop, or does not record any more. */
  disturbed: string[]
  canaries: { id: string; attempt: number; startedAt: number; droppedAt: number | null }[]
  /** Of each recording, while the way in was cut. */
  states: Record<string, { state: string; current: number | undefined; attention: string[] }>
}

/**
 * Cuts the way in for some seconds, while Agora answers every query with status 5, and mends it. Resolves when all
 * recordings are rolling in the attempts of the beginning; rejects if they are not within `recoverySeconds`.
 */
export const runOutage = async (
  { testbed, wayIn, firstTasks }: OutageRig,
  options: { seconds: number; recoverySeconds: number; onLine?: (line: OutageLine) => void },
): Promise<OutageReport> => {
  const begin = Date.now()
  const timelines = followTimelines(testbed, begin)
  const reportNew = async (): Promise<void> => {
    for (const line of await timelines.readNew()) options.onLine?.(line)
  }
  await timelines.readNew()
  wayIn.cut()
  while (Date.now() - begin < options.seconds * 1000) {
    await sleep(POLL_MS)
    await reportNew()
  }
  const states = await statesOf(testbed)
  wayIn.mend()
  await waitUntilAsBefore(testbed, options.recoverySeconds)
  await reportNew()
  return {
    disturbed: IDS.filter((id) => isDisturbed(testbed, firstTasks.get(id))),
    canaries: canariesOf(timelines.lines),
    states,
  }
}

interface FollowedTimelines {
  /** All entries read so far. */
  lines: OutageLine[]
  /** The entries since the last call, oldest first. */
  readNew(): Promise<OutageLine[]>
}

const followTimelines = ({ api }: Testbed, begin: number): FollowedTimelines => {
  const lastIds = new Map<string, number>()
  const lines: OutageLine[] = []

  const readOne = async (id: string): Promise<OutageLine[]> => {
    const after = lastIds.get(id) ?? 0
    const entries = await api.timeline(id, after)
    lastIds.set(id, entries.at(-1)?.id ?? after)
    return entries.map(({ at, code, attempt, message }) => {
      const seconds = (Date.parse(at) - begin) / 1000
      return { at: seconds, id, code, attempt, message }
    })
  }

  return {
    lines,
    readNew: async () => {
      const added = (await Promise.all(IDS.map(readOne))).flat()
      added.sort((one, other) => one.at - other.at)
      lines.push(...added)
      return added
    },
  }
}

const canariesOf = (lines: readonly OutageLine[]): OutageReport['canaries'] =>
  lines.flatMap(({ at, id, code, attempt }) => {
    if (code !== 'candidate.started' || attempt === null) return []
    const dropped = lines.find(
      (line) => line.code === 'candidate.dropped' && line.id === id && line.attempt === attempt,
    )
    return [{ id, attempt, startedAt: at, droppedAt: dropped?.at ?? null }]
  })

const isDisturbed = ({ emulator }: Testbed, sid: string | undefined): boolean => {
  const task = emulator.tasks().find((each) => each.sid === sid)
  const wasStopped = emulator.requests().some((request) => request.call === 'stop' && request.sid === sid)
  return wasStopped || task?.state !== 'recording'
}

const statesOf = async (testbed: Testbed): Promise<OutageReport['states']> => {
  const recordings = await readRecordings(testbed)
  return Object.fromEntries(
    recordings.map(({ id, state, attempts, attention }) => {
      const current = attempts.find((attempt) => attempt.state === 'current')?.number
      return [id, { state, current, attention: attention.map(({ message }) => message) }]
    }),
  )
}

const readRecordings = async ({ api }: Testbed) =>
  Promise.all((await api.list()).map(({ id }) => api.get(id)))

const waitUntilAsBefore = async (testbed: Testbed, seconds: number): Promise<void> => {
  const deadline = Date.now() + seconds * 1000
  while (!(await areAsBefore(testbed))) {
    if (Date.now() > deadline) throw new Error(`Not rolling: ${JSON.stringify(await statesOf(testbed))}`)
    await sleep(POLL_MS)
  }
}

/** Every recording rolls in its first attempt, and its canaries have ended. */
const areAsBefore = async (testbed: Testbed): Promise<boolean> =>
  (await readRecordings(testbed)).every(
    ({ state, attempts: [first, ...canaries] }) =>
      state === 'rolling' && first?.state === 'current' && canaries.every((each) => each.state === 'ended'),
  )
