import { withoutUserInfo } from '../rest/userInfo.ts'
import type { CallView, EmulatorControls, FaultView, TaskView } from '../types.ts'
import { CONTROL_ROUTES, type RouteDescription, restRoutes } from './routes.ts'

/** A task in one line. */
export type TaskSummary = Pick<
  TaskView,
  'sid' | 'cname' | 'uid' | 'state' | 'page' | 'startedAt' | 'endedAt' | 'stop'
> & {
  /** Without the query and the user info, which may hold secrets. */
  url: string
}

/** A call in one line. */
export type CallSummary = Pick<CallView, 'number' | 'at' | 'call' | 'method' | 'path' | 'status' | 'detail'>

/** What an emulator does at the moment, and what can be asked of it. */
export interface Overview {
  appId: string
  customerId: string
  /** Those that run, then the last ones that have ended; the latest first. */
  tasks: TaskSummary[]
  /** How many tasks run. */
  running: number
  faults: FaultView[]
  /** The last calls, the latest first. */
  calls: CallSummary[]
  routes: { rest: readonly RouteDescription[]; control: readonly RouteDescription[] }
}

const MAX_ENDED = 20
const MAX_CALLS = 20

/** The latest ones first. */
const latest = <Item>(items: readonly Item[], count: number): Item[] => items.toReversed().slice(0, count)

const withoutSecrets = (url: string): string => withoutUserInfo(url.replace(/[?#].*/s, ''))

const summarizeTask = ({
  sid,
  cname,
  uid,
  state,
  page,
  startedAt,
  endedAt,
  stop,
  url,
}: TaskView): TaskSummary => ({
  sid,
  cname,
  uid,
  state,
  page,
  startedAt,
  endedAt,
  stop,
  url: withoutSecrets(url),
})

const summarizeCall = ({ number, at, call, method, path, status, detail }: CallView): CallSummary => ({
  number,
  at,
  call,
  method,
  path,
  status,
  detail,
})

export interface OverviewSettings {
  appId: string
  customerId: string
}

export const createOverview = (
  emulator: Pick<EmulatorControls, 'tasks' | 'faults' | 'requests'>,
  { appId, customerId }: OverviewSettings,
): Overview => {
  const tasks = emulator.tasks()
  const running = tasks.filter(({ state }) => state !== 'ended')
  const ended = tasks.filter(({ state }) => state === 'ended')
  return {
    appId,
    customerId,
    tasks: [...latest(running, running.length), ...latest(ended, MAX_ENDED)].map(summarizeTask),
    running: running.length,
    faults: emulator.faults(),
    calls: latest(emulator.requests(), MAX_CALLS).map(summarizeCall),
    routes: { rest: restRoutes(appId), control: CONTROL_ROUTES },
  }
}
