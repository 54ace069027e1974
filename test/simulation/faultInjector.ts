import { standbyIdOf } from '../../packages/reporter/src/standbyId.ts'
import type { Agora } from './environment/agora.ts'
import type { Network } from './environment/network.ts'
import type { Notifications } from './environment/notifications.ts'
import type { Pages } from './environment/pages.ts'
import type { ReportPath } from './environment/reportPath.ts'
import type { Strangers } from './environment/strangers.ts'
import type { FaultLog } from './faultLog.ts'
import type { Observer } from './observer.ts'
import type { ReporterHost } from './reporter/host.ts'
import type { Fault, FaultKind, Scenario } from './scenario/scenario.ts'
import type { VirtualTime } from './virtualTime.ts'

interface FaultTargets {
  time: VirtualTime
  agora: Agora
  network: Network
  notifications: Notifications
  pages: Pages
  strangers: Strangers
  reportPath: ReportPath
  host: ReporterHost
  observer: Observer
  faultLog: FaultLog
}

/** For each kind: begins the fault. @returns a function that ends it */
type Injectors = { [Kind in FaultKind]: (fault: Extract<Fault, { kind: Kind }>) => () => void }

/** These may have no effect. Where they have one, the network or the host logs it. */
const LOGGED_ON_EFFECT: readonly FaultKind[] = ['answer', 'crash']

/** Injects a scenario's faults, each at its time. */
export const injectFaults = ({ faults, recordings }: Scenario, targets: FaultTargets): void => {
  const { time, faultLog } = targets
  const idOf = (index: number, isStandby = false): string => {
    const id = recordings[index]?.id ?? ''
    return isStandby ? standbyIdOf(id) : id
  }
  const injectors = injectorsFor(targets, idOf)
  const begin = <Kind extends FaultKind>(fault: Extract<Fault, { kind: Kind }>) =>
    (injectors[fault.kind as Kind] as (fault: Extract<Fault, { kind: Kind }>) => () => void)(fault)

  for (const fault of faults) {
    const isLogged = !LOGGED_ON_EFFECT.includes(fault.kind)
    const detail = detailOf(fault, idOf)
    time.after(fault.at, () => {
      if (isLogged) faultLog.began(fault.kind, detail)
      const end = begin(fault)
      time.after(fault.forMs, () => {
        end()
        if (isLogged) faultLog.ended(fault.kind, detail)
      })
    })
  }
}

const injectorsFor = (
  { time, agora, network, notifications, pages, strangers, reportPath, host, observer }: FaultTargets,
  idOf: IdOf,
): Injectors => ({
  answer: (fault) => network.overrideAnswers(fault),
  notification: (fault) => notifications.injectFault(fault),
  task: ({ recording, isStandby, ...fault }) => {
    agora.injectEvent(idOf(recording, isStandby), fault)
    return () => {}
  },
  crash: ({ step, forMs }) => {
    const process = host.process()
    host.setDowntime(forMs)
    process.killAt(step)
    return () => process.killAt(null)
  },
  suspension: () => {
    const process = host.process()
    process.suspend()
    return () => observer.onDowntimeEnded(process.resume())
  },
  ingress: () => {
    host.setIngress('closed')
    return () => host.setIngress('open')
  },
  egress: ({ how }) => {
    network.cutOff(how)
    return () => network.cutOff(null)
  },
  reports: ({ share }) => reportPath.injectLoss(share),
  clockStep: ({ byMs }) => {
    time.stepWallClock(byMs)
    return () => {}
  },
  pageServer: () => {
    pages.setServer('down')
    return () => pages.setServer('up')
  },
  stranger: ({ recording, page, saysBye }) => {
    const id = idOf(recording)
    const opened = strangers.open(
      agora.tasks.filter(({ recordingId }) => recordingId === id),
      page,
    )
    return () => (saysBye ? opened?.unload() : opened?.close())
  },
  store: ({ how }) => {
    const process = host.process()
    process.breakStore(how)
    return () => observer.onDowntimeEnded(process.repairStore())
  },
})

type IdOf = (recording: number, isStandby?: boolean) => string

const detailOf = (fault: Fault, idOf: IdOf): string | undefined => {
  if (fault.kind === 'clockStep') return `${fault.byMs} ms`
  if (fault.kind === 'notification') return fault.delivery
  if (fault.kind === 'stranger') return idOf(fault.recording)
  if (fault.kind === 'task') return `${idOf(fault.recording, fault.isStandby)} ${fault.event.kind}`
  if (fault.kind === 'egress' || fault.kind === 'store') return fault.how
  return undefined
}
