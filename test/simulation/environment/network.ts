import type { FaultKind } from '@stillrolling/rest-core'
import type { Random } from '../random.ts'
import type { AnswerOverride, Call } from '../scenario/scenario.ts'
import type { VirtualTime } from '../virtualTime.ts'
import { type Agora, QUOTA_PER_SECOND } from './agora.ts'
import type { Reply, Request } from './task.ts'

/** What the client receives: an answer of Agora, or a fault in its place. */
export type Answer = Partial<Reply> & {
  fault?: FaultKind
  /** The body is not Agora's. */
  foreign?: boolean
}

/** Connects a reporter process to Agora. A request that was sent reaches Agora even if the process dies. */
export interface Network {
  /** Never resolves if the process dies before the answer arrives. */
  send(call: Call, request: Request, from: Sender): Promise<Answer>
  /** Overrides the next `times` answers to a call. @returns a function that ends the fault */
  overrideAnswers(fault: { call: Call; override: AnswerOverride; times: number }): () => void
  /** Cuts the connection, until it is called again with null. */
  cutOff(how: 'refused' | 'timeout' | null): void
}

export interface Sender {
  /** The process's own timer: it does not fire while the process is suspended, nor after it died. */
  after(delayMs: number, run: () => void): () => void
  isAlive(): boolean
}

export interface NetworkHooks {
  onSend(call: Call, request: Request): void
  onAnswer(call: Call, request: Request, answer: Answer): void
  /** An answer is overridden or lost. */
  onAnswerFault(): void
  /** The reporter sent more requests within one second than the App ID may. */
  onQuotaExceeded(inOneSecond: number): void
}

/** rest-core's timeout for one try, in milliseconds. */
const TIMEOUT_MS = 10_000

export const createNetwork = (world: {
  time: VirtualTime
  agora: Agora
  random: Random
  hooks: NetworkHooks
}): Network => {
  const { time, agora, random, hooks } = world
  const overrides: { call: Call; override: AnswerOverride; left: number }[] = []
  let cut: 'refused' | 'timeout' | null = null
  let sent: number[] = []

  const latencyMs = (): number => random.integer(20, 250)

  const nextOverride = (call: Call): AnswerOverride | undefined => {
    const found = overrides.find((each) => each.call === call && each.left > 0)
    if (found) found.left -= 1
    return found?.override
  }

  const countRequest = (): void => {
    const now = time.now()
    sent = [...sent.filter((at) => now - at < 1000), now]
    if (sent.length > QUOTA_PER_SECOND) hooks.onQuotaExceeded(sent.length)
  }

  const serve = (call: Call, request: Request, override: AnswerOverride | undefined): Answer => {
    if (override && !override.done) return answerOf(override)
    const reply = agora.serve(call, request)
    // A refusal keeps its answer: no override may give another reason for it.
    return override && reply.status === 200 ? answerOf(override) : reply
  }

  const send: Network['send'] = (call, request, from) =>
    new Promise((resolve) => {
      // The process may have died in the same moment, at another of its steps.
      if (!from.isAlive()) return
      hooks.onSend(call, request)
      countRequest()
      const answer = (value: Answer, delayMs: number): void => {
        from.after(value.fault === 'timeout' ? TIMEOUT_MS : delayMs, () => {
          hooks.onAnswer(call, request, value)
          resolve(value)
        })
      }
      if (cut !== null) {
        hooks.onAnswerFault()
        answer({ fault: cut }, latencyMs())
        return
      }
      const override = nextOverride(call)
      if (override) hooks.onAnswerFault()
      time.after(latencyMs(), () => answer(serve(call, request, override), latencyMs()))
    })

  return {
    send,
    overrideAnswers: ({ call, override, times }) => {
      const entry = { call, override, left: times }
      overrides.push(entry)
      return () => {
        entry.left = 0
      }
    },
    cutOff: (how) => {
      cut = how
    },
  }
}

const answerOf = ({ status, code, foreign, lost }: AnswerOverride): Answer =>
  lost === undefined ? { status, code, foreign } : { fault: lost }
