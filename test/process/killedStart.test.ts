import { openTestbed, type Testbed } from '@stillrolling/examples/testbed'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { fileLimit } from './fullDisk.ts'
import { record, rolls, runsOne, sidOf } from './recordings.ts'

type Emulator = Testbed['emulator']
type Call = 'acquire' | 'start' | 'stop'
type Then = Extract<Parameters<Emulator['injectFault']>[0], { on: 'call' }>['then']

let testbed: Testbed
/** Told of every call that Agora has done, before its answer leaves. */
let onDone: (call: { call: string | null; cname: string | null }) => void = () => {}

beforeAll(async () => {
  testbed = await openTestbed({
    // A page that opens while the reporter is down could not load the probe from there.
    probe: 'own',
    emulator: {
      openDelay: 0,
      log: (event) => {
        if (event.type === 'call') onDone(event.call)
      },
    },
  })
  await record(testbed, 'bystander')
  await rolls(testbed, 'bystander')
})

afterAll(async () => {
  await testbed?.close()
})

const kill = () => testbed.reporter().kill()

/** Kills the reporter when Agora has done a call of this recording: the answer finds nobody. */
const killedWhenDone = (id: string, call: Call): Promise<void> =>
  new Promise((resolve) => {
    onDone = (done) => {
      if (done.cname !== id || done.call !== call) return
      onDone = () => {}
      resolve(kill())
    }
  })

const arrived = async (id: string, call: Call): Promise<void> => {
  const calls = () => testbed.emulator.requests().filter((each) => each.cname === id && each.call === call)
  await expect.poll(() => calls().length, { timeout: 20_000, interval: 5 }).toBeGreaterThan(0)
}

const fault = (id: string, call: Call, then: Then): void => {
  testbed.emulator.injectFault({ on: 'call', call, then, match: { cname: id } })
}

/** How a start comes to be killed at one of its steps. */
interface Step {
  name: string
  id: string
  /** Resolves when the reporter is dead at this step. */
  die: (id: string) => Promise<void>
}

const STEPS: Step[] = [
  {
    name: 'before acquire has reached Agora',
    id: 'acquireLost',
    die: async (id) => {
      fault(id, 'acquire', { drop: true })
      await record(testbed, id)
      await arrived(id, 'acquire')
      await kill()
    },
  },
  {
    name: 'after acquire, whose answer it does not live to hear',
    id: 'acquireUnheard',
    die: async (id) => {
      const killed = killedWhenDone(id, 'acquire')
      await Promise.all([record(testbed, id).catch(() => {}), killed])
    },
  },
  {
    name: 'after the answer to acquire, which could not be stored',
    id: 'acquireUnstored',
    die: (id) => dieUnstored(id, 'acquire'),
  },
  {
    name: 'after the resource is stored, before start has reached Agora',
    id: 'startLost',
    die: async (id) => {
      fault(id, 'start', { drop: true })
      await record(testbed, id)
      await arrived(id, 'start')
      await kill()
    },
  },
  {
    name: 'while start is on its way, and Agora does it after the next one',
    id: 'startOnItsWay',
    die: async (id) => {
      fault(id, 'start', { delay: 3 })
      await record(testbed, id)
      await arrived(id, 'start')
      await kill()
    },
  },
  {
    name: 'after start, whose answer it does not live to hear',
    id: 'startUnheard',
    die: async (id) => {
      const killed = killedWhenDone(id, 'start')
      await record(testbed, id)
      await killed
    },
  },
  {
    name: 'after the answer to start, which could not be stored',
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

/** The process has heard Agora's answer and still runs, but nothing more reaches its database. */
const dieUnstored = async (id: string, call: Call): Promise<void> => {
  fault(id, call, { delay: 0.5 })
  await record(testbed, id)
  await arrived(id, call)
  fileLimit.fill(testbed.reporter().pid, '')
  await expect.poll(() => testbed.reporter().output(), { timeout: 20_000 }).toContain('an effect broke down')
  const starts = testbed.emulator.requests().filter(({ cname, call }) => cname === id && call === 'start')
  expect(starts, 'no start before its resource is stored').toHaveLength(call === 'start' ? 1 : 0)
  await kill()
}

test.each(STEPS)('killed $name', async ({ id, die }) => {
  await die(id)
  await testbed.restartReporter()
  await rolls(testbed, id)
  await runsOne(testbed, id)
})

test('killed between the new attempt and the stop of the old one', async () => {
  await record(testbed, 'handOver')
  await rolls(testbed, 'handOver')
  const killed = killedWhenDone('handOver', 'start')
  fault('handOver', 'stop', { drop: true })
  await testbed.api.restart('handOver')
  await killed
  await testbed.restartReporter()
  await rolls(testbed, 'handOver', 2)
  await runsOne(testbed, 'handOver', 2)
})

test('killed while a stop is unanswered', async () => {
  await record(testbed, 'stopUnheard')
  await rolls(testbed, 'stopUnheard')
  const sid = await sidOf(testbed, 'stopUnheard')
  const killed = killedWhenDone('stopUnheard', 'stop')
  await testbed.api.stop('stopUnheard')
  await killed
  await testbed.restartReporter()
  const state = async () => (await testbed.api.get('stopUnheard')).state
  await expect.poll(state, { timeout: 60_000 }).toBe('stopped')
  expect(testbed.emulator.tasks().find((task) => task.sid === sid)?.state).toBe('ended')
})

test('none of it restarted the others, nor a recording beside them', async () => {
  for (const id of ['bystander', ...STEPS.map((step) => step.id)]) {
    await rolls(testbed, id)
    await runsOne(testbed, id)
  }
})
