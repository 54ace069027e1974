import type { CallView } from '../types.ts'
import { endpointWithoutUserInfo, withoutUserInfo } from './userInfo.ts'

/** The REST calls that have arrived. */
export interface Journal {
  /** Adds a call. The caller completes the returned view when the call is answered. */
  open(view: Omit<CallView, 'number'>): CallView
  /** The last 5000 calls, oldest first. */
  list(): CallView[]
}

const MAX_CALLS = 5000

/** In lower case: a request may misspell them. */
const SECRET_FIELDS = new Set(['accesskey', 'secretkey', 'ststoken', 'token', 'secret', 'salt'])

const redactField = (name: string, value: unknown): unknown => {
  const field = name.toLowerCase()
  if (SECRET_FIELDS.has(field)) return '***'
  if (field === 'endpoint' && typeof value === 'string') return endpointWithoutUserInfo(value)
  return redact(value)
}

/** A copy in which storage keys, and the user info of URLs, are replaced by `***`, at any depth. */
export const redact = (value: unknown): unknown => {
  if (typeof value === 'string') return withoutUserInfo(value)
  if (Array.isArray(value)) return value.map(redact)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, redactField(name, inner)]))
}

export const createJournal = (): Journal => {
  const views: CallView[] = []
  let lastNumber = 0
  return {
    open: (view) => {
      const numbered: CallView = { number: ++lastNumber, ...view }
      views.push(numbered)
      if (views.length > MAX_CALLS) views.shift()
      return numbered
    },
    list: () => views.map((view) => ({ ...view })),
  }
}
