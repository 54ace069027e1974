/** Time that passes only when nobody has anything left to do. Milliseconds since the epoch. */
export interface VirtualTime {
  now(): number
  /** @returns how to cancel it */
  after(delayMs: number, run: () => void): () => void
  /** Lets time pass, event by event, until `end`; everything that an event set off is over before the next. */
  runUntil(end: number, afterEach: () => boolean): Promise<void>
}

interface Alarm {
  at: number
  /** Of the same time: in the order in which they were set. */
  order: number
  run: (() => void) | undefined
}

/**
 * Promises that are settled run on before this resolves: Node takes the next tick when no microtask is left. A tenth
 * of what a turn of the event loop costs, and nothing here waits for one.
 */
const settle = (): Promise<void> => new Promise((resolve) => process.nextTick(resolve))

export const createVirtualTime = (start: number = Date.UTC(2026, 0, 1)): VirtualTime => {
  let now = start
  let order = 0
  const heap: Alarm[] = []
  return {
    now: () => now,
    after: (delayMs, run) => {
      const alarm: Alarm = { at: now + Math.max(0, delayMs), order: order++, run }
      push(heap, alarm)
      return () => {
        alarm.run = undefined
      }
    },
    runUntil: async (end, afterEach) => {
      while (heap[0] !== undefined && heap[0].at <= end) {
        const alarm = pop(heap)
        if (alarm?.run === undefined) continue
        now = alarm.at
        alarm.run()
        await settle()
        if (!afterEach()) return
      }
      now = end
    },
  }
}

const before = (one: Alarm, other: Alarm): boolean =>
  one.at < other.at || (one.at === other.at && one.order < other.order)

const push = (heap: Alarm[], alarm: Alarm): void => {
  let index = heap.push(alarm) - 1
  while (index > 0) {
    const parent = (index - 1) >> 1
    const above = heap[parent]
    if (above === undefined || before(above, alarm)) break
    heap[index] = above
    index = parent
  }
  heap[index] = alarm
}

const pop = (heap: Alarm[]): Alarm | undefined => {
  const first = heap[0]
  const last = heap.pop()
  if (last === undefined || heap.length === 0) return first
  let index = 0
  for (;;) {
    let child = 2 * index + 1
    const [left, right] = [heap[child], heap[child + 1]]
    if (left === undefined) break
    let least = left
    if (right !== undefined && before(right, left)) {
      child += 1
      least = right
    }
    if (before(last, least)) break
    heap[index] = least
    index = child
  }
  heap[index] = last
  return first
}
