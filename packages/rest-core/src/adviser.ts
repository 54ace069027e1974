import type { CallName } from './call.ts'
import { describeIssues, type Issue } from './issues.ts'
import { type LogEntry, logSafely, noLog } from './log.ts'
import { adviceOn } from './requests/advice.ts'
import { fieldOf } from './requests/rules.ts'

/** Logs what Agora advises against in a request, and its unknown fields. */
export type Adviser = (call: CallName, request: object, unknown: readonly Issue[]) => void

/** The same advice on the same content is logged once: recipes retry a request, and make an acquire from it each time. */
export const createAdviser = (log: (entry: LogEntry) => void): Adviser => {
  if (log === noLog) return () => {}
  const logged = new WeakMap<object, Set<string>>()
  return (call, request, unknown) => {
    const advice = [...adviceOn(call, request), ...unknown]
    if (advice.length === 0) return
    const content = contentOf(request)
    const message = `${call}: ${describeIssues(advice)}`
    const messages = logged.get(content) ?? new Set()
    if (messages.has(message)) return
    logged.set(content, messages.add(message))
    logSafely(log, { level: 'warn', message, call, advice })
  }
}

/** The object that stays the same when the request is made again; other requests may share it. */
const contentOf = (request: object): object => {
  const clientRequest = fieldOf(request, 'clientRequest')
  const startParameter = fieldOf(clientRequest, 'startParameter')
  return [startParameter, clientRequest].find(isObject) ?? request
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null
