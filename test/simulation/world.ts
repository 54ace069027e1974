import { DEFAULT_POLICY, mergePolicy, type Policy } from '../../packages/reporter/src/supervisor/policy.ts'
import { createMemory, type Memory } from '../../packages/reporter/src/testing/memoryStore.ts'
import type { OperationLog } from '../../packages/reporter/src/testing/operationLog.ts'
import { type Agora, createAgora, type Task } from './environment/agora.ts'
import { requestRecording } from './environment/businessServer.ts'
import { createNetwork } from './environment/network.ts'
import { createNotifications, type Notification } from './environment/notifications.ts'
import type { ReportAnswer, SentReport } from './environment/page.ts'
import { createPages, type Pages } from './environment/pages.ts'
import { createReportPath } from './environment/reportPath.ts'
import { createStrangers, type Strangers } from './environment/strangers.ts'
import { injectFaults } from './faultInjector.ts'
import { createFaultLog } from './faultLog.ts'
import type { Kit } from './kit.ts'
import type { Observer } from './observer.ts'
import { createRandom } from './random.ts'
import { createReporterHost, type ReporterHost } from './reporter/host.ts'
import { handleNotification, handleReport } from './reporter/ingress.ts'
import { faultsEndAt, type Scenario } from './scenario/scenario.ts'
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
  /** No fault lasts now. */
  isFaultFree(): boolean
  /** To be called after each event. */
  scheduleSweep(): void
}

/** Joins the parts of a run, boots the reporter, and schedules the recordings and faults of the scenario. */
export const createWorld = (scenario: Scenario, kit: Kit, observer: Observer): World => {
  const time = createVirtualTime()
  const { seed, recordings } = scenario
  const policyOf = policiesOf(scenario)
  const storeLog: OperationLog | undefined = scenario.isRepeatedOnSql ? [] : undefined
  const memory = createMemory(storeLog)
  const faultLog = createFaultLog(observer)

  const agora = createAgora(time, {
    onStarted: (task) => {
      observer.onTask(task, 'started')
      pages.onStarted(task)
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
    intervalMs: (task: Task) => policyOf(task).heartbeatInterval * 1000,
    hasFence: (task: Task) => policyOf(task).fence,
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
    ...{ time, memory, storeLog, agora, pages, strangers },
    isFaultFree: faultLog.isFaultFree,
    scheduleSweep: () => host.process().scheduleSweep(),
  }
}

const policiesOf = ({ recordings }: Scenario): ((task: Task) => Policy) => {
  const policies = new Map(recordings.map(({ id, policy }) => [id, mergePolicy(policy)]))
  return ({ recordingId }) => policies.get(recordingId) ?? DEFAULT_POLICY
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
  notification: Notification,
): Promise<boolean> => {
  const answer = await host.request((running) => handleNotification(running, notification))
  if (typeof answer === 'string') return false
  observer.onNotificationAccepted(notification)
  return true
}
