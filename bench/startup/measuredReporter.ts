import { setTimeout as sleep } from 'node:timers/promises'
import { createLog, readConfig, startReporter } from '@stillrolling/reporter'

/** When a reporter reached what, in milliseconds since the epoch. */
export interface Milestones {
  /** The database is about to be opened. */
  opening: number
  listening: number
  /** Processor time until then, since the opening, in milliseconds. */
  cpuToListening: number
  /** The first pass of the sweep is over, so that `/readyz` says that deadlines are handled. */
  firstPass: number
  /** Nothing is due any more; absent if that took longer than 25 s. */
  allHandled?: number
  /** Processor time until then, since the opening, in milliseconds. */
  cpu: number
}

/** How often `/readyz` is asked. */
const POLL_MS = 5
/** Afterwards the pages, none of which reports, count as silent, and there is always something due. */
const MAX_WAIT_MS = 25_000
/** A pass that handles all that is due leaves no line in the log. */
const QUIET_MS = 500

interface Readiness {
  checks: { supervisor: { ok: boolean } }
}

const at: Partial<Milestones> = {}
const since = { backlog: false }

const write = (line: string): void => {
  const { msg, time } = JSON.parse(line) as { msg: string; time: string }
  if (msg.startsWith('Stillrolling supervises')) {
    at.listening = Date.parse(time)
    at.cpuToListening = cpuSinceOpening()
  }
  if (msg.startsWith('more recordings are due')) since.backlog = true
  if (msg.startsWith('all due recordings')) {
    at.allHandled = Date.parse(time)
    at.cpu = cpuSinceOpening()
  }
}

const cpuAtOpening = process.cpuUsage()
const cpuSinceOpening = (): number => {
  const { user, system } = process.cpuUsage(cpuAtOpening)
  return (user + system) / 1000
}
at.opening = Date.now()
const reporter = await startReporter(readConfig(process.env), createLog('info', { write }))
for (; at.firstPass === undefined; await sleep(POLL_MS)) {
  const readiness = (await (await fetch(`${reporter.url}/readyz`)).json()) as Readiness
  if (readiness.checks.supervisor.ok) {
    at.firstPass = Date.now()
    at.cpu ??= cpuSinceOpening()
  }
}
await sleep(QUIET_MS)
const isTooLate = (): boolean => Date.now() - (at.listening ?? 0) > MAX_WAIT_MS
while (since.backlog && at.allHandled === undefined && !isTooLate()) await sleep(POLL_MS)
if (!since.backlog) at.allHandled = at.firstPass
process.send?.(at)
