import type { Answer } from './environment/network.ts'
import type { Joined, Notification } from './environment/notifications.ts'
import type { Page } from './environment/page.ts'
import type { AgoraEvent, Request, Task } from './environment/task.ts'
import type { Commit } from './reporter/process.ts'
import type { Call, Command, FaultKind } from './scenario/scenario.ts'

/** What the invariants and the trace learn of a run, at the moment when it happens. */
export interface Observer {
  onCommit(commit: Commit): void
  /** The reporter sends a request to Agora. */
  onSend(call: Call, request: Request): void
  onAnswer(call: Call, request: Request, answer: Answer): void
  onTask(task: Task, change: 'started' | 'ended' | 'reloaded'): void
  /** Agora has something to notify, whether or not the notification arrives. */
  onNotification(task: Task, event: AgoraEvent): void
  /** The reporter answered a notification with 200. */
  onNotificationAccepted(notification: Notification): void
  /** A user has joined a channel or left it, whether or not that is notified. */
  onUser(channel: string, change: 'joined' | 'left'): void
  /** The reporter answered the event of a channel that somebody has joined with 200. */
  onJoinedAccepted(joined: Joined): void
  /** The reporter answered a command with success. */
  onCommandAccepted(id: string, command: Command): void
  /** A page sends no more reports, while its task runs. */
  onPageSilent(page: Page): void
  onQuotaExceeded(inOneSecond: number): void
  onFault(event: FaultEvent): void
  /** The reporter works again after this downtime: it was dead, suspended or without its store. */
  onDowntimeEnded(downMs: number): void
}

/** A fault begins or ends; a fault without duration occurs. Invariants read `kind` and `phase`; `detail` is for people. */
export interface FaultEvent {
  kind: FaultKind
  phase: 'began' | 'ended' | 'occurred'
  detail?: string
}

/** An observer that passes everything on to the given ones, in their order. */
export const broadcast = (observers: readonly Partial<Observer>[]): Observer => {
  const to =
    <Name extends keyof Observer>(name: Name) =>
    (...args: Parameters<Observer[Name]>): void => {
      for (const observer of observers) {
        const handler = observer[name] as ((...args: Parameters<Observer[Name]>) => void) | undefined
        handler?.(...args)
      }
    }
  return {
    onCommit: to('onCommit'),
    onSend: to('onSend'),
    onAnswer: to('onAnswer'),
    onTask: to('onTask'),
    onNotification: to('onNotification'),
    onNotificationAccepted: to('onNotificationAccepted'),
    onUser: to('onUser'),
    onJoinedAccepted: to('onJoinedAccepted'),
    onCommandAccepted: to('onCommandAccepted'),
    onPageSilent: to('onPageSilent'),
    onQuotaExceeded: to('onQuotaExceeded'),
    onFault: to('onFault'),
    onDowntimeEnded: to('onDowntimeEnded'),
  }
}
