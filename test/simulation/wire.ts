import type { FaultKind } from '@stillrolling/rest-core'
import { type Agora, QUOTA, type Reply, type Request } from './agora.ts'
import type { Random } from './random.ts'
import type { Call, Twist } from './scenario.ts'
import type { VirtualTime } from './virtualTime.ts'

/** What comes back to the client: an answer, or none. */
export type Answer = Partial<Reply> & { fault?: FaultKind }

/** Between one process and Agora. What a process sent reaches Agora even if the process dies. */
export interface Wire {
  /** `answered` is not called when the process is gone. */
  send(call: Call, request: Request, from: Sender): Promise<Answer>
  twist(call: Call, twist: Twist, times: number): () => void
  /** Nothing gets through, until it is called again with null. */
  cut(how: 'refused' | 'timeout' | null): void
}

export interface Sender {
  /** Its own time: nothing reaches it while it is suspended, or when it is gone. */
  after(delayMs: number, run: () => void): () => void
  isAlive(): boolean
}

/** rest-core's own for one try, in milliseconds. */
const TIMEOUT_MS = 10_000

export interface WireEvents {
  /** A request leaves. */
  onSend(call: Call, request: Request): void
  onAnswer(call: Call, request: Request, answer: Answer): void
  /** An answer was not what it should have been. */
  onDisturbance(): void
  /** More requests in a second than an App ID has. */
  onTooMany(inOneSecond: number): void
}

export const createWire = (time: VirtualTime, agora: Agora, random: Random, events: WireEvents): Wire => {
  const twists: { call: Call; twist: Twist; left: number }[] = []
  let cut: 'refused' | 'timeout' | null = null
  let sent: number[] = []

  const latency = (): number => random.whole(20, 250)

  const nextTwist = (call: Call): Twist | undefined => {
    const found = twists.find((each) => each.call === call && each.left > 0)
    if (found) found.left -= 1
    return found?.twist
  }

  const charge = (): void => {
    const now = time.now()
    sent = [...sent.filter((at) => now - at < 1000), now]
    if (sent.length > QUOTA) events.onTooMany(sent.length)
  }

  const arrive = (call: Call, request: Request, twist: Twist | undefined): Answer => {
    if (twist && !twist.done) return twisted(twist)
    const reply = agora.serve(call, request)
    // Only of what was done: nothing says that something failed for a reason that it did not have.
    return twist && reply.status === 200 ? twisted(twist) : reply
  }

  const send: Wire['send'] = (call, request, from) =>
    new Promise((resolve) => {
      // It died in the same moment, by another of its steps.
      if (!from.isAlive()) return
      events.onSend(call, request)
      charge()
      const answer = (value: Answer, delayMs: number): void => {
        from.after(value.fault === 'timeout' ? TIMEOUT_MS : delayMs, () => {
          events.onAnswer(call, request, value)
          resolve(value)
        })
      }
      if (cut !== null) {
        events.onDisturbance()
        answer({ fault: cut }, latency())
        return
      }
      const twist = nextTwist(call)
      if (twist) events.onDisturbance()
      time.after(latency(), () => answer(arrive(call, request, twist), latency()))
    })

  return {
    send,
    twist: (call, twist, times) => {
      const entry = { call, twist, left: times }
      twists.push(entry)
      return () => {
        entry.left = 0
      }
    },
    cut: (how) => {
      cut = how
    },
  }
}

const twisted = ({ status, code, lost }: Twist): Answer =>
  lost === undefined ? { status, code } : { fault: lost }
