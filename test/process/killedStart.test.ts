import { openTestbed, type Testbed } from '@stillrolling/examples/testbed'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { fileLimit } from './fullDisk.ts'
import { record, sidOf, waitForSingleTask, waitUntilRolling } from './recordings.ts'

type Emulator = Testbed['emulator']
type Call = 'acquire' | 'start' | 'stop'
type Then = Extract<Parameters<Emulator['injectFault']>[0], { on: 'call' }>['then']

let testbed: Testbed
/** Called when Agora has carried out a call, before it answers. */
let onDone: (call: { call: string | null; cname: string | null }) => void = () => {}

beforeAll(async () => {
  testbed = await openTestbed({
    // A page that opens while the reporter is down cannot load the probe from it.
    probe: 'own',
    emulator: {
      openDelay: 0,
      log: (event) => {
        if (event.type === 'call') onDone(event.call)
      },
    },
  })
  await record(testbed, 'bystander')
  await waitUntilRolling(testbed, 'bystander')
})

afterAll(async () => {
  await testbed?.close()
})

const kill = () => testbed.reporter().kill()

/** Kills the reporter when Agora has carried out a call of this recording, before the answer. */
const killOnceDone = (id: string, call: Call): Promise<void> =>
  new Promise((resolve) => {
    onDone = (done) => {
      if (done.cname !== id || done.call !== call) return
      onDone = () => {}
      resolve(kill())
    }
  })

const waitForCall = async (id: string, call: Call): Promise<void> => {
  const calls = () => testbed.emulator.requests().filter((each) => each.cname === id && each.call === call)
  await expect.poll(() => calls().length, { timeout: 20_000, interval: 5 }).toBeGreaterThan(0)
}

const fault = (id: string, call: Call, then: Then): void => {
  testbed.emulator.injectFault({ on: 'call', call, then, match: { cname: id } })
}

/** A step of a start at which the reporter is killed. */
interface Step {
  name: string
  id: string
  /** Resolves when the reporter has been killed at this step. */
  die: (id: string) => Promise<void>
}

const STEPS: Step[] = [
  {
    name: 'before acquire reaches Agora',
    id: 'acquireLost',
    die: async (id) => {
      fault(id, 'acquire', { drop: true })
      await record(testbed, id)
      await waitForCall(id, 'acquire')
      await kill()
    },
  },
  {
    name: 'after acquire, before its answer',
    id: 'acquireUnanswered',
    die: async (id) => {
      const killed = killOnceDone(id, 'acquire')
      await Promise.all([record(testbed, id).catch(() => {}), killed])
    },
  },
  {
    name: 'after the answer to acquire, which it could not store',
    id: 'acquireUnstored',
    die: (id) => dieUnstored(id, 'acquire'),
  },
  {
    name: 'after the resource is stored, before start reaches Agora',
    id: 'startLost',
    die: async (id) => {
      fault(id, 'start', { drop: true })
      await record(testbed, id)
      await waitForCall(id, 'start')
      await kill()
    },
  },
  {
    name: 'while start is in flight, and Agora carries it out after the next one',
    id: 'startInFlight',
    die: async (id) => {
      fault(id, 'start', { delay: 3 })
      await record(testbed, id)
      await waitForCall(id, 'start')
      await kill()
    },
  },
  {
    name: 'after start, before its answer',
    id: 'startUnanswered',
    die: async (id) => {
      const killed = killOnceDone(id, 'start')
      await record(testbed, id)
      await killed
    },
  },
  {
    name: 'after the answer to start, which it could not store',
    id: 'startUnstored',
    die: (id) => dieUnstored(id, 'start'),
  },
  {
    name: 'as soon as the sid is stored',
    id: 'sidStored',
    die: async (id) => {
      await record(testbed, id)
      const sid = async () => (await testbed.api.get(id)).attempts[0]?.sid
      await expect.poll(sid, { timeout: 20_000, interval: 5 }).toEqual(expect.any(String))
      await kill()
    },
  },
]

/** Kills the reporter when it has received Agora's answer and failed to store it. */
const dieUnstored = async (id: string, call: Call): Promise<void> => {
  fault(id, call, { delay: 0.5 })
  await record(testbed, id)
  await waitForCall(id, call)
  fileLimit.fill(testbed.reporter().pid, '')
  await expect.poll(failedStarts, { timeout: 20_000 }).toContain(id)
  const starts = testbed.emulator.requests().filter(({ cname, call }) => cname === id && call === 'start')
  expect(starts, 'no start before its resource is stored').toHaveLength(call === 'start' ? 1 : 0)
  await kill()
}

/** The ids of the recordings whose start effect has failed, from the reporter's log. */
const failedStarts = (): unknown[] =>
  testbed
    .reporter()
    .output()
    .split('\n')
    .flatMap(parseLogLine)
    .filter(({ kind, err }) => kind === 'start' && err !== undefined)
    .map(({ recordingId }) => recordingId)

/** Empty for a line that is not whole: only the end of the log is kept. */
const parseLogLine = (line: string): Record<string, unknown>[] => {
  try {
    return [JSON.parse(line)]
  } catch {
    return []
  }
}

test.each(STEPS)('a recording starts once when the reporter is killed $name', async ({ id, die }) => {
  await die(id)
  await testbed.restartReporter()
  await waitUntilRolling(testbed, id)
  await waitForSingleTask(testbed, id)
})

test('a restart completes when the reporter is killed between the new start and the stop of the old task', async () => {
  await record(testbed, 'handOver')
  await waitUntilRolling(testbed, 'handOver')
  const killed = killOnceDone('handOver', 'start')
  fault('handOver', 'stop', { drop: true })
  await testbed.api.restart('handOver')
  await killed
  await testbed.restartReporter()
  await waitUntilRolling(testbed, 'handOver', 2)
  await waitForSingleTask(testbed, 'handOver', 2)
})

test('a stop completes when the reporter is killed before its answer', async () => {
  await record(testbed, 'stopUnanswered')
  await waitUntilRolling(testbed, 'stopUnanswered')
  const sid = await sidOf(testbed, 'stopUnanswered')
  const killed = killOnceDone('stopUnanswered', 'stop')
  await testbed.api.stop('stopUnanswered')
  await killed
  await testbed.restartReporter()
  const state = async () => (await testbed.api.get('stopUnanswered')).state
  await expect.poll(state, { timeout: 60_000 }).toBe('stopped')
  expect(testbed.emulator.tasks().find((task) => task.sid === sid)?.state).toBe('ended')
})

test('no other recording was restarted meanwhile', async () => {
  for (const id of ['bystander', ...STEPS.map((step) => step.id)]) {
    await waitUntilRolling(testbed, id)
    await waitForSingleTask(testbed, id)
  }
})
