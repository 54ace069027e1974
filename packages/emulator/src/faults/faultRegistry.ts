import type { Call, EmulatorClock, FaultRequest, FaultView } from '../types.ts'

export type CallFault = Extract<FaultView, { on: 'call' }>
export type NotificationFault = Extract<FaultView, { on: 'notification' }>

/** The recording that a call or a notification is about; null where a request does not name it. */
export interface FaultSubject {
  cname: string | null
  uid: string | null
}

/** The faults that are still active. If several match, the oldest one applies. */
export interface FaultRegistry {
  add(request: FaultRequest): FaultView
  list(): FaultView[]
  /** Removes one fault, or all without an id. Returns false if no fault has that id. */
  remove(id?: string): boolean
  /** The fault for this call, after counting the use; null if none matches. */
  takeForCall(call: Call, subject: FaultSubject): CallFault | null
  /** The fault for this notification, after counting the use; null if none matches. */
  takeForNotification(event: number, subject: FaultSubject): NotificationFault | null
}

const matchesSubject = ({ match }: FaultView, { cname, uid }: FaultSubject): boolean =>
  (match?.cname === undefined || match.cname === cname) && (match?.uid === undefined || match.uid === uid)

export const createFaultRegistry = (clock: EmulatorClock): FaultRegistry => {
  const faults = new Map<string, { fault: FaultView; createdMs: number }>()
  let lastId = 0

  const deleteExpired = (): void => {
    for (const [id, { fault, createdMs }] of faults) {
      const { forSeconds } = fault
      if (forSeconds !== undefined && clock.now() >= createdMs + forSeconds * 1000) faults.delete(id)
    }
  }

  const take = <Fault extends FaultView>(matches: (fault: FaultView) => fault is Fault): Fault | null => {
    deleteExpired()
    for (const [id, entry] of faults) {
      const { fault } = entry
      if (!matches(fault)) continue
      const counted = { ...fault, used: fault.used + 1 }
      const maxUses = fault.forSeconds === undefined ? (fault.times ?? 1) : Number.POSITIVE_INFINITY
      if (counted.used >= maxUses) faults.delete(id)
      else entry.fault = counted
      return counted
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
      deleteExpired()
      return [...faults.values()].map(({ fault }) => fault)
    },
    remove: (id) => {
      deleteExpired()
      if (id !== undefined) return faults.delete(id)
      faults.clear()
      return true
    },
    takeForCall: (call, subject) =>
      take(
        (fault): fault is CallFault =>
          fault.on === 'call' && fault.call === call && matchesSubject(fault, subject),
      ),
    takeForNotification: (event, subject) =>
      take(
        (fault): fault is NotificationFault =>
          fault.on === 'notification' &&
          (fault.event === undefined || fault.event === event) &&
          matchesSubject(fault, subject),
      ),
  }
}
