import type { CallName } from './call.ts'
import { describeIssues, type Issue } from './issues.ts'
import { type LogEntry, logSafely, noLog } from './log.ts'
import { adviceOn } from './requests/advice.ts'
import { fieldOf } from './requests/rules.ts'

/** Logs what Agora advises against in a request, and its unknown fields. */
export type Adviser = (call: CallName, request: object, unknown: readonly Issue[]) => void

/** Each request is logged once: recipes retry the same one, and make an acquire from it each time. */
export const createAdviser = (log: (entry: LogEntry) => void): Adviser => {
  if (log === noLog) return () => {}
  const logged = new WeakMap<object, Set<CallName>>()
  return (call, request, unknown) => {
    const advice = [...adviceOn(call, request), ...unknown]
    if (advice.length === 0) return
    const content = contentOf(request)
    const calls = logged.get(content) ?? new Set()
    if (calls.has(call)) return
    logged.set(content, calls.add(call))
    logSafely(log, { level: 'warn', message: `${call}: ${describeIssues(advice)}`, call, advice })
  }
}

/** The object that stays the same when the request is made again. */
const contentOf = (request: object): object => {
  const clientRequest = fieldOf(request, 'clientRequest')
  const startParameter = fieldOf(clientRequest, 'startParameter')
  return [startParameter, clientRequest].find(isObject) ?? request
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null
