import type { NotificationRequest } from '../notifications/notification.ts'
import type { EmulatorClock } from '../types.ts'
import type { Step } from './stepBuilder.ts'
import { type CommonAction, type Delays, isLive, type StepContext, type TaskFacts } from './task.ts'

/** What every task needs from the emulator. */
export interface TaskEnvironment {
  clock: EmulatorClock
  delays: Delays
  notify: (task: TaskFacts, request: NotificationRequest) => void
  log: (task: TaskFacts, message: string) => void
}

/** What the tasks of one kind do: the pure step, and the actions that only they have. */
export interface MachineParts<T extends TaskFacts, Input, Action extends { type: string }> {
  step: (task: T, input: Input, context: StepContext) => Step<T, Action>
  carryOut: (action: Action) => void
  /** The input of a timer that fires. */
  timerFired: (timer: string) => Input
}

/** A task whose state changes with each input. */
export interface Machine<T extends TaskFacts, Input> {
  task(): T
  /** Applies an input, and carries out what it asks for. */
  send(input: Input): void
  /** Resolves when the task has ended. */
  ended(): Promise<void>
  /** Cancels every timer; no input changes the task afterwards. */
  close(): void
}

const COMMON: ReadonlySet<string> = new Set<CommonAction['type']>([
  'startTimer',
  'cancelTimer',
  'cancelTimers',
  'notify',
  'log',
])

const isCommon = (action: { type: string }): action is CommonAction => COMMON.has(action.type)

/** Carries out what every task can do: timers, notifications, log lines. */
const createCommonActions = <T extends TaskFacts>(
  { clock, notify, log }: TaskEnvironment,
  task: () => T,
  onTimer: (timer: string) => void,
) => {
  /** Functions that cancel the running timers. */
  const timers = new Map<string, () => void>()

  const cancel = (timer: string): void => {
    timers.get(timer)?.()
    timers.delete(timer)
  }

  const cancelAll = (): void => {
    for (const timer of [...timers.keys()]) cancel(timer)
  }

  const start = (timer: string, delayMs: number): void => {
    cancel(timer)
    const fire = (): void => {
      timers.delete(timer)
      onTimer(timer)
    }
    timers.set(timer, clock.after(delayMs, fire))
  }

  const carryOut = (action: CommonAction): void => {
    switch (action.type) {
      case 'startTimer':
        start(action.timer, action.delayMs)
        break
      case 'cancelTimer':
        cancel(action.timer)
        break
      case 'cancelTimers':
        cancelAll()
        break
      case 'notify':
        notify(task(), action)
        break
      case 'log':
        log(task(), action.message)
        break
    }
  }

  return { carryOut, cancelAll }
}

export const createMachine = <T extends TaskFacts, Input, Action extends { type: string }>(
  initial: T,
  { step, carryOut, timerFired }: MachineParts<T, Input, Action>,
  environment: TaskEnvironment,
): Machine<T, Input> => {
  const { clock, delays } = environment
  let task = initial
  let closed = false
  let resolveEnded: () => void = () => {}
  const ended = new Promise<void>((resolve) => {
    resolveEnded = resolve
  })
  const common = createCommonActions(
    environment,
    () => task,
    (timer) => send(timerFired(timer)),
  )

  const send = (input: Input): void => {
    if (closed) return
    const stepped = step(task, input, { now: clock.now(), delays })
    task = stepped.task
    for (const action of stepped.actions) {
      if (isCommon(action)) common.carryOut(action)
      else carryOut(action as Action)
    }
    if (!isLive(task)) resolveEnded()
  }

  return {
    task: () => task,
    send,
    ended: () => ended,
    close: () => {
      closed = true
      common.cancelAll()
    },
  }
}
