import type { CallView } from '../types.ts'

/** The REST calls that have arrived. */
export interface Journal {
  /** Adds a call. The caller completes the returned view when the call is answered. */
  open(view: Omit<CallView, 'number'>): CallView
  /** The last 5000 calls, oldest first. */
  list(): CallView[]
}

const MAX_CALLS = 5000

const SECRET_FIELDS = new Set(['accessKey', 'secretKey', 'stsToken'])

/** A copy in which storage keys are replaced by `***`, at any depth. */
export const redact = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(redact)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, SECRET_FIELDS.has(key) ? '***' : redact(inner)]),
  )
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
