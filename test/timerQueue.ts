/** The timers of a virtual time, by their moments; those of the same moment in the order in which they were set. */
export interface TimerQueue {
  /** @returns a function that cancels the timer */
  add(at: number, run: () => void): () => void
  /** Removes the next timer that falls due by a moment. @returns undefined if there is none */
  take(by: number): Timer | undefined
}

export interface Timer {
  readonly at: number
  run(): void
}

interface QueuedTimer extends Timer {
  readonly order: number
  isCancelled: boolean
}

export const createTimerQueue = (): TimerQueue => {
  const heap: QueuedTimer[] = []
  let order = 0
  return {
    add: (at, run) => {
      const timer = { at, run, order: order++, isCancelled: false }
      push(heap, timer)
      return () => {
        timer.isCancelled = true
      }
    },
    take: (by) => {
      while (heap[0] !== undefined && heap[0].at <= by) {
        const timer = pop(heap)
        if (timer && !timer.isCancelled) return timer
      }
      return undefined
    },
  }
}

const before = (one: QueuedTimer, other: QueuedTimer): boolean =>
  one.at < other.at || (one.at === other.at && one.order < other.order)

const push = (heap: QueuedTimer[], timer: QueuedTimer): void => {
  let index = heap.push(timer) - 1
  while (index > 0) {
    const parent = (index - 1) >> 1
    const above = heap[parent]
    if (above === undefined || before(above, timer)) break
    heap[index] = above
    index = parent
  }
  heap[index] = timer
}

const pop = (heap: QueuedTimer[]): QueuedTimer | undefined => {
  const first = heap[0]
  const last = heap.pop()
  if (last === undefined || heap.length === 0) return first
  let index = 0
  for (;;) {
    let child = 2 * index + 1
    const [left, right] = [heap[child], heap[child + 1]]
    if (left === undefined) break
    let earlier = left
    if (right !== undefined && before(right, left)) {
      child += 1
      earlier = right
    }
    if (before(last, earlier)) break
    heap[index] = earlier
    index = child
  }
  heap[index] = last
  return first
}
