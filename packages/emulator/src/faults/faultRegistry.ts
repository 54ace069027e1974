import type { Call, EmulatorClock, FaultRequest, FaultView, NotifiedEvent } from '../types.ts'

export type CallFault = Extract<FaultView, { on: 'call' }>
export type NotificationFault = Extract<FaultView, { on: 'notification' }>

/** Whom a call or a notification is about. */
export interface Subject {
  cname: string | null
  uid: string | null
}

/** The faults that wait to happen. Of several that fit, the oldest happens. */
export interface FaultRegistry {
  add(request: FaultRequest): FaultView
  list(): FaultView[]
  get(id: string): FaultView | undefined
  /** Removes one, or all; false if there was none with that id. */
  remove(id?: string): boolean
  /** The fault that befalls this call, now counted as used. */
  takeForCall(call: Call, subject: Subject): CallFault | null
  takeForNotification(event: NotifiedEvent, subject: Subject): NotificationFault | null
}

export const createFaultRegistry = (clock: EmulatorClock): FaultRegistry => {
  const faults = new Map<string, { fault: FaultView; createdMs: number }>()
  let lastId = 0

  const forgetExpired = (): void => {
    for (const [id, { fault, createdMs }] of faults) {
      const { forSeconds } = fault
      if (forSeconds !== undefined && clock.now() >= createdMs + forSeconds * 1000) faults.delete(id)
    }
  }

  const fits = ({ match }: FaultView, { cname, uid }: Subject): boolean =>
    (match?.cname === undefined || match.cname === cname) && (match?.uid === undefined || match.uid === uid)

  const take = <Fault extends FaultView>(wanted: (fault: FaultView) => fault is Fault): Fault | null => {
    forgetExpired()
    for (const [id, entry] of faults) {
      const { fault } = entry
      if (!wanted(fault)) continue
      const used = { ...fault, used: fault.used + 1 }
      const limit = fault.forSeconds === undefined ? (fault.times ?? 1) : Number.POSITIVE_INFINITY
      if (used.used >= limit) faults.delete(id)
      else entry.fault = used
      return used
    }
    return null
  }

  return {
    add: (request) => {
      const id = `fault${++lastId}`
      const createdMs = clock.now()
      const fault: FaultView = { ...request, id, createdAt: new Date(createdMs).toISOString(), used: 0 }
      faults.set(id, { fault, createdMs })
      return fault
    },
    list: () => {
      forgetExpired()
      return [...faults.values()].map(({ fault }) => fault)
    },
    get: (id) => {
      forgetExpired()
      return faults.get(id)?.fault
    },
    remove: (id) => {
      forgetExpired()
      if (id !== undefined) return faults.delete(id)
      faults.clear()
      return true
    },
    takeForCall: (call, subject) =>
      take((fault): fault is CallFault => fault.on === 'call' && fault.call === call && fits(fault, subject)),
    takeForNotification: (event, subject) =>
      take(
        (fault): fault is NotificationFault =>
          fault.on === 'notification' &&
          (fault.event === undefined || fault.event === event) &&
          fits(fault, subject),
      ),
  }
}
