import { recordingRequestSchema } from '../../packages/reporter/src/recordingRequest.ts'
import { mergePolicy } from '../../packages/reporter/src/supervisor/policy.ts'
import { createMemory, type Memory } from '../../packages/reporter/src/testing/memoryStore.ts'
import { type Agora, createAgora, type Event, type Request, type Task } from './agora.ts'
import { hearNotice, hearReport } from './ingress.ts'
import type { Kit } from './kit.ts'
import { createNotices, type Notice } from './notices.ts'
import type { Page } from './page.ts'
import { createPages, type Pages } from './pages.ts'
import { type Commit, type Process, type Running, startProcess } from './process.ts'
import { createRandom } from './random.ts'
import type { Call, Command, Fault, Scenario, Wish } from './scenario.ts'
import { createVirtualTime, type VirtualTime } from './virtualTime.ts'
import { type Answer, createWire } from './wire.ts'

/** Whoever looks at what happens: the invariants, and the trace. */
export interface Witness {
  onCommit(commit: Commit): void
  onSend(call: Call, request: Request): void
  onAnswer(call: Call, request: Request, answer: Answer): void
  onTask(task: Task, what: 'started' | 'ended' | 'reload'): void
  onNotice(task: Task, event: Event): void
  /** A notification was answered 200. */
  onNoticeHeard(notice: Notice): void
  /** A command was answered. */
  onCommand(id: string, command: Command): void
  /** A page says nothing any more, while its task runs. */
  onSilent(page: Page): void
  onTooMany(inOneSecond: number): void
  /** Something is not as it should be, of itself or from now until it is over. */
  onFault(what: string): void
  /** The reporter watches again, after so many milliseconds in which it could not. */
  onReturn(awayMs: number): void
}

/** All that there is, in one seed. */
export interface World {
  readonly time: VirtualTime
  readonly memory: Memory
  readonly agora: Agora
  readonly pages: Pages
  /** Whether nothing is wrong now. */
  calm(): boolean
  /** After each event. */
  settle(): void
}

/** Before a killed process is there again at the earliest: longer than the window of Agora's quota. */
const LEAST_DOWN_MS = 1500
const RETRY_MS = 5000

export const createWorld = (scenario: Scenario, kit: Kit, witness: Witness): World => {
  const time = createVirtualTime()
  const { seed, recordings } = scenario
  const memory = createMemory()
  const dice = createRandom(seed, 'dice')
  let process: Process
  let ingressOpen = true
  let troubles = 0
  let downFor = LEAST_DOWN_MS

  const request = async <T>(job: (running: Running) => Promise<T>) =>
    ingressOpen ? process.request(job) : 'refused'

  const agora = createAgora(time, {
    onStarted: (task) => {
      witness.onTask(task, 'started')
      pages.onStarted(task)
    },
    onEnded: (task) => {
      witness.onTask(task, 'ended')
      pages.onEnded(task)
    },
    onReload: (task, afterMs) => {
      witness.onTask(task, 'reload')
      pages.onReload(task, afterMs)
    },
    onNotice: (task, event) => {
      witness.onNotice(task, event)
      notices.send(task, event)
    },
  })

  const policies = new Map(recordings.map(({ id, policy }) => [id, mergePolicy(policy)]))
  const pages = createPages(time, recordings, () => agora, {
    intervalMs: ({ cname }) => (policies.get(cname)?.heartbeatInterval ?? 10) * 1000,
    report: async ({ cname, attempt }, report, sid, onKept) => {
      const from = { recordingId: cname, attempt }
      const answer = await request(async (running) => {
        const heard = await hearReport(running, from, report, sid)
        if (heard.status === 200) onKept()
        return heard
      })
      return typeof answer === 'string' ? { status: answer === 'failed' ? 503 : 0, sid: null } : answer
    },
    onSilent: witness.onSilent,
  })

  const notices = createNotices(time, createRandom(seed, 'notices'), async (notice) => {
    const answer = await request((running) => hearNotice(running, notice))
    if (typeof answer === 'string') return false
    witness.onNoticeHeard(notice)
    return true
  })

  const wire = createWire(time, agora, createRandom(seed, 'wire'), {
    ...witness,
    onDisturbance: () => witness.onFault('an answer'),
  })

  const boot = (): void => {
    process = startProcess({
      ...{ time, memory, wire, kit, random: dice },
      onCommit: witness.onCommit,
      onDeath: () => {
        troubles += 1
        witness.onFault('the reporter has died')
        const downMs = Math.max(LEAST_DOWN_MS, downFor)
        time.after(downMs, () => {
          troubles -= 1
          downFor = LEAST_DOWN_MS
          witness.onFault('the reporter is there again')
          witness.onReturn(downMs)
          boot()
        })
      },
    })
  }

  /** Asks until it is answered. */
  const insist = (job: (running: Running) => Promise<unknown>, onDone: () => void): void => {
    void request(job).then((answer) => {
      if (answer === 'refused' || answer === 'lost' || answer === 'failed') {
        time.after(RETRY_MS, () => insist(job, onDone))
      } else onDone()
    })
  }

  const wish = ({ id, createAt, policy, maxRecordingHour, commands }: Wish): void => {
    const wanted = recordingRequestSchema.parse({ id, url: 'https://page.test/', maxRecordingHour, policy })
    const create = async ({ engine }: Running): Promise<unknown> =>
      (await engine.load(id)) ?? engine.create(id, wanted, mergePolicy(policy))
    time.after(createAt, () => insist(create, () => {}))
    for (const { at, command } of commands) {
      const send = async ({ engine }: Running): Promise<void> => {
        if (!(await engine.handle(id, { type: command }))) throw new Error(`${id} is not there yet`)
      }
      time.after(at, () => insist(send, () => witness.onCommand(id, command)))
    }
  }

  const strike = (fault: Fault): void => {
    const { what, begin, end } = troubleOf(fault)
    if (what !== undefined) {
      troubles += 1
      witness.onFault(what)
    }
    begin()
    time.after(fault.forMs, () => {
      end()
      if (what === undefined) return
      troubles -= 1
      witness.onFault(`${what}: over`)
    })
  }

  /** `what` is undefined when it may come to nothing: then whoever meets it tells. */
  const troubleOf = (fault: Fault): { what?: string; begin(): void; end(): void } => {
    const victim = process
    let undo = (): void => {}
    const end = (): void => undo()
    switch (fault.kind) {
      case 'answers':
        return {
          begin: () => {
            undo = wire.twist(fault.call, fault.twist, fault.times)
          },
          end,
        }
      case 'notices':
        return {
          what: `notifications are ${fault.fate}`,
          begin: () => {
            undo = notices.doom(fault.fate, fault.share)
          },
          end,
        }
      case 'task': {
        const id = recordings[fault.recording]?.id ?? ''
        const begin = (): void => agora.strike(id, fault.event, fault.forMs)
        return { what: `${id} at Agora: ${fault.event.do}`, begin, end }
      }
      case 'crash':
        return {
          begin: () => {
            downFor = fault.forMs
            victim.killAt(fault.step)
          },
          end: () => victim.killAt(null),
        }
      case 'suspension':
        return {
          what: 'the reporter is suspended',
          begin: victim.suspend,
          end: () => witness.onReturn(victim.resume()),
        }
      case 'ingress':
        return {
          what: 'nothing reaches the reporter',
          begin: () => openIngress(false),
          end: () => openIngress(true),
        }
      case 'egress':
        return {
          what: 'the reporter reaches nothing',
          begin: () => wire.cut(fault.how),
          end: () => wire.cut(null),
        }
      case 'store':
        return {
          what: 'the store is broken',
          begin: victim.breakStore,
          end: () => witness.onReturn(victim.mendStore()),
        }
    }
  }
  const openIngress = (open: boolean): void => {
    ingressOpen = open
  }

  boot()
  for (const each of recordings) wish(each)
  for (const fault of scenario.faults) time.after(fault.at, () => strike(fault))

  return {
    ...{ time, memory, agora, pages },
    calm: () => troubles === 0,
    settle: () => process.arm(),
  }
}
