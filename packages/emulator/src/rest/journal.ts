import type { CallView } from '../types.ts'

/** The calls that came, newest last. */
export interface Journal {
  /** The view is still filled in as its call goes on. */
  open(view: Omit<CallView, 'number'>): CallView
  list(): CallView[]
}

const CALLS_KEPT = 5000

const SECRETS = new Set(['accessKey', 'secretKey', 'stsToken'])

/** The same with storage keys replaced, wherever they are. */
export const redact = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(redact)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, SECRETS.has(key) ? '***' : redact(inner)]),
  )
}

export const createJournal = (): Journal => {
  const views: CallView[] = []
  let last = 0
  return {
    open: (view) => {
      const numbered: CallView = { number: ++last, ...view }
      views.push(numbered)
      if (views.length > CALLS_KEPT) views.shift()
      return numbered
    },
    list: () => views.map((view) => ({ ...view })),
  }
}
