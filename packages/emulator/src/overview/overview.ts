import { withoutUserInfo } from '../rest/userInfo.ts'
import type {
  CallView,
  ChannelTaskView,
  ChannelView,
  EmulatorControls,
  FaultView,
  PageState,
  PageTaskView,
  TaskView,
} from '../types.ts'
import { CONTROL_ROUTES, type RouteDescription, restRoutes } from './routes.ts'

/** A task in one line. */
export type TaskSummary = Pick<
  TaskView,
  'sid' | 'mode' | 'cname' | 'uid' | 'state' | 'startedAt' | 'endedAt'
> & {
  /** The page's URL without the query and the user info, which may hold secrets; or who is in the channel. */
  records: string
  /** State of the page; null for a channel. */
  page: PageState | null
  /** Why the task has stopped; null before. */
  stop: { failed: boolean; reason: string } | null
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
  /** The channels that have been recorded, or whose users have been set. */
  channels: ChannelView[]
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

type Particulars = Pick<TaskSummary, 'records' | 'page' | 'stop'>

const ofPage = ({ url, page, stop }: PageTaskView): Particulars => ({
  records: withoutSecrets(url),
  page,
  stop: stop && { failed: stop.code > 1, reason: `code ${stop.code} ${stop.message}` },
})

const describeUsers = (users: readonly string[]): string => {
  if (users.length === 0) return 'no users'
  return `${users.length} ${users.length === 1 ? 'user' : 'users'}: ${users.join(', ')}`
}

const ofChannel = ({ mode, users, exit }: ChannelTaskView): Particulars => ({
  records: `channel (${mode}), ${describeUsers(users)}`,
  page: null,
  stop: exit && { failed: exit.exitStatus !== 0, reason: exit.reason },
})

const summarizeTask = (task: TaskView): TaskSummary => {
  const { sid, mode, cname, uid, state, startedAt, endedAt } = task
  const particulars = task.mode === 'web' ? ofPage(task) : ofChannel(task)
  return { sid, mode, cname, uid, state, startedAt, endedAt, ...particulars }
}

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
  emulator: Pick<EmulatorControls, 'tasks' | 'channels' | 'faults' | 'requests'>,
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
    channels: emulator.channels(),
    faults: emulator.faults(),
    calls: latest(emulator.requests(), MAX_CALLS).map(summarizeCall),
    routes: { rest: restRoutes(appId), control: CONTROL_ROUTES },
  }
}
