import type { Memory } from '../../../packages/reporter/src/testing/memoryStore.ts'
import type { Network } from '../environment/network.ts'
import type { FaultLog } from '../faultLog.ts'
import type { Kit } from '../kit.ts'
import type { Observer } from '../observer.ts'
import type { Random } from '../random.ts'
import type { VirtualTime } from '../virtualTime.ts'
import type { NoAnswer } from './inbox.ts'
import { type Process, type Running, startProcess } from './process.ts'

/** The machine of the reporter: it restarts a process that died, and requests reach the process through its ingress. */
export interface ReporterHost {
  /** Starts the first process. */
  boot(): void
  process(): Process
  request<T>(job: (running: Running) => Promise<T>): Promise<T | NoAnswer>
  /** Sends a request again until it is answered. */
  requestUntilAnswered(job: (running: Running) => Promise<unknown>, onAnswered: () => void): void
  setIngress(ingress: 'open' | 'closed'): void
  /** How long the process stays down when it dies next, in milliseconds. */
  setDowntime(downMs: number): void
}

/** A process that died is down for at least this time: longer than the window of Agora's quota. */
const MIN_DOWNTIME_MS = 1500
const RETRY_DELAY_MS = 5000

export const createReporterHost = (world: {
  time: VirtualTime
  memory: Memory
  network: Network
  kit: Kit
  random: Random
  observer: Observer
  faultLog: FaultLog
  retentionMs: number | null
}): ReporterHost => {
  const { time, memory, network, kit, random, observer, faultLog, retentionMs } = world
  let process: Process
  let isIngressOpen = true
  let nextDowntimeMs = MIN_DOWNTIME_MS

  const boot = (): void => {
    const { onCommit } = observer
    process = startProcess({ time, memory, network, kit, random, retentionMs, onCommit, onDeath })
  }
  const onDeath = (): void => {
    faultLog.began('crash')
    const downMs = Math.max(MIN_DOWNTIME_MS, nextDowntimeMs)
    time.after(downMs, () => {
      nextDowntimeMs = MIN_DOWNTIME_MS
      faultLog.ended('crash')
      observer.onDowntimeEnded(downMs)
      boot()
    })
  }
  const request = async <T>(job: (running: Running) => Promise<T>): Promise<T | NoAnswer> =>
    isIngressOpen ? process.request(job) : 'refused'

  const requestUntilAnswered: ReporterHost['requestUntilAnswered'] = (job, onAnswered) => {
    void request(job).then((answer) => {
      if (answer === 'refused' || answer === 'lost' || answer === 'failed') {
        time.after(RETRY_DELAY_MS, () => requestUntilAnswered(job, onAnswered))
      } else onAnswered()
    })
  }

  return {
    boot,
    process: () => process,
    request,
    requestUntilAnswered,
    setIngress: (ingress) => {
      isIngressOpen = ingress === 'open'
    },
    setDowntime: (downMs) => {
      nextDowntimeMs = downMs
    },
  }
}
