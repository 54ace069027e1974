import { DEFAULT_POLICY, type Policy } from '../../packages/reporter/src/supervisor/policy.ts'
import { createMemory, type Memory } from '../../packages/reporter/src/testing/memoryStore.ts'
import type { OperationLog } from '../../packages/reporter/src/testing/operationLog.ts'
import { type Agora, createAgora } from './environment/agora.ts'
import { policyOf, requestRecording } from './environment/businessServer.ts'
import { type Channels, createChannels } from './environment/channels.ts'
import { createNetwork } from './environment/network.ts'
import { createNotifications, type Joined, type Notification } from './environment/notifications.ts'
import type { ReportAnswer, SentReport } from './environment/page.ts'
import { createPages, type Pages } from './environment/pages.ts'
import { createReportPath } from './environment/reportPath.ts'
import { createStrangers, type Strangers } from './environment/strangers.ts'
import type { Task } from './environment/task.ts'
import { injectFaults } from './faultInjector.ts'
import { createFaultLog } from './faultLog.ts'
import type { Kit } from './kit.ts'
import type { Observer } from './observer.ts'
import { createRandom } from './random.ts'
import { createReporterHost, type ReporterHost } from './reporter/host.ts'
import { handleJoined, handleNotification, handleReport } from './reporter/ingress.ts'
import { byId, faultsEndAt, type Scenario } from './scenario/scenario.ts'
import { createVirtualTime, type VirtualTime } from './virtualTime.ts'

/** The reporter and everything around it, in one run. */
export interface World {
  readonly time: VirtualTime
  readonly memory: Memory
  /** Everything that happened to the store, in scenarios that are repeated on the SQL store. */
  readonly storeLog: OperationLog | undefined
  readonly agora: Agora
  readonly pages: Pages
  readonly strangers: Strangers
  readonly channels: Channels
  /** No fault lasts now. */
  isFaultFree(): boolean
  /** To be called after each event. */
  scheduleSweep(): void
}

/** Joins the parts of a run, boots the reporter, and schedules the recordings and faults of the scenario. */
export const createWorld = (scenario: Scenario, kit: Kit, observer: Observer): World => {
  const time = createVirtualTime()
  const { seed, recordings } = scenario
  const policyOfTask = policiesOf(scenario)
  const storeLog: OperationLog | undefined = scenario.isRepeatedOnSql ? [] : undefined
  const memory = createMemory(storeLog)
  const faultLog = createFaultLog(observer)

  const channels = createChannels(time, scenario.channels, {
    onJoined: (name, user) => {
      observer.onUser(name, 'joined')
      notifications.sendJoined({ channel: name, uid: user.uid })
      agora.onJoined(name, user)
    },
    onLeft: (name, user) => {
      observer.onUser(name, 'left')
      agora.onLeft(name, user)
    },
  })
  const agora = createAgora(time, channels, {
    haAfterMs: createHaTimes(scenario, time),
    onStarted: (task) => {
      observer.onTask(task, 'started')
      // For the channel's own events a recorder is a user.
      if (task.channel) notifications.sendJoined({ channel: task.cname, uid: task.uid })
      else pages.onStarted(task)
    },
    onEnded: (task) => {
      observer.onTask(task, 'ended')
      pages.onEnded(task)
    },
    onReload: (task, afterMs) => {
      observer.onTask(task, 'reloaded')
      pages.onReload(task, afterMs)
    },
    onNotification: (task, event) => {
      observer.onNotification(task, event)
      notifications.send(task, event)
    },
  })
  const network = createNetwork({
    ...{ time, agora, random: createRandom(seed, 'network') },
    hooks: { ...observer, onAnswerFault: () => faultLog.occurred('answer') },
  })
  const host = createReporterHost({
    ...{ time, memory, network, kit, random: createRandom(seed, 'jitter'), observer, faultLog },
    retentionMs: scenario.retentionMs,
  })
  const reportPath = createReportPath(createRandom(seed, 'reports'), (sent) => postReport(host, sent))
  const pageHooks = {
    intervalMs: (task: Task) => policyOfTask(task).heartbeatInterval * 1000,
    hasFence: (task: Task) => policyOfTask(task).fence,
    report: (sent: SentReport) => reportPath.send(sent),
    onSilent: observer.onPageSilent,
  }
  const pages = createPages({
    ...{ time, recordings, faultsEndAt: time.now() + faultsEndAt(scenario), agora: () => agora },
    hooks: pageHooks,
  })
  const strangers = createStrangers({
    ...{ time, hooks: pageHooks },
    hasLoaded: (task) => pages.of(task)?.loaded === true,
  })
  const notifications = createNotifications(time, createRandom(seed, 'notifications'), (notification) =>
    postNotification(host, observer, notification),
  )

  host.boot()
  for (const spec of recordings) requestRecording(spec, { time, host, observer })
  injectFaults(scenario, {
    time,
    agora,
    network,
    notifications,
    pages,
    strangers,
    reportPath,
    host,
    observer,
    faultLog,
  })

  return {
    ...{ time, memory, storeLog, agora, pages, strangers, channels },
    isFaultFree: faultLog.isFaultFree,
    scheduleSweep: () => host.process().scheduleSweep(),
  }
}

const policiesOf = ({ recordings }: Scenario): ((task: Task) => Policy) => {
  const policies = byId(recordings, policyOf)
  return ({ recordingId }) => policies.get(recordingId) ?? DEFAULT_POLICY
}

/** Agora registers a task for high availability within 10 s; of these, late or never. In milliseconds after the start. */
const HA_AFTER_MS = { prompt: 2000, late: 14_000, never: null } as const

/** When the next task of a recording is registered for high availability, as the scenario says until the faults end. */
const createHaTimes = (scenario: Scenario, time: VirtualTime): ((recordingId: string) => number | null) => {
  const endsAt = time.now() + faultsEndAt(scenario)
  const unused = byId(scenario.recordings, ({ channel }) => [...(channel?.ha ?? [])])
  return (recordingId) => {
    const next = time.now() < endsAt ? unused.get(recordingId)?.shift() : undefined
    return HA_AFTER_MS[next ?? 'prompt']
  }
}

const postReport = async (
  host: ReporterHost,
  { task: { recordingId, attempt }, report, sid, onStored }: SentReport,
): Promise<ReportAnswer> => {
  const from = { recordingId, attempt }
  const answer = await host.request(async (running) => {
    const handled = await handleReport(running, from, report, sid)
    if (handled.status === 200) onStored()
    return handled
  })
  return typeof answer === 'string' ? { status: answer === 'failed' ? 503 : 0, sid: null } : answer
}

/** @returns whether the reporter answered 200 */
const postNotification = async (
  host: ReporterHost,
  observer: Observer,
  notification: Notification | Joined,
): Promise<boolean> => {
  const answer = await host.request((running) =>
    'channel' in notification
      ? handleJoined(running, notification)
      : handleNotification(running, notification),
  )
  if (typeof answer === 'string') return false
  if ('channel' in notification) observer.onJoinedAccepted(notification)
  else observer.onNotificationAccepted(notification)
  return true
}
