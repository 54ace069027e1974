import { setImmediate as nextTurn } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import type { TimelineEvent } from '../../store/types.ts'
import { createManualTimers } from '../../testing/manualTimers.ts'
import { createMemory } from '../../testing/memoryStore.ts'
import { insertInto } from '../../testing/stores.ts'
import { createChanges } from '../changes.ts'
import { createEventFeed, type EventsOptions, PAGE_SIZE, TooManyReadersError } from './eventFeed.ts'
import { type Batch, type EventReader, MAX_QUEUED } from './eventReader.ts'

const HOUR_MS = 3_600_000

const setUp = async (options: { limit?: number; random?: () => number } = {}) => {
  const { connect, tables } = createMemory()
  const store = connect()
  const errors: unknown[] = []
  const log = { error: (fields: object) => void errors.push(fields) }
  const changes = createChanges(log)
  const timers = createManualTimers()
  const { random = () => 0.5 } = options
  let reads = 0
  let held: Promise<void> | undefined
  let failure: Error | undefined
  const feed = createEventFeed({
    store: {
      timelineRange: store.timelineRange,
      readTimelineEvents: async (request) => {
        reads += 1
        if (failure) throw failure
        const wait = held
        held = undefined
        const events = await store.readTimelineEvents(request)
        await wait
        // Others read and write before the answer is there.
        for (let turns = Math.floor(random() * 8); turns > 0; turns -= 1) await nextTurn()
        return events
      },
    },
    ...{ changes, log, ...options },
    ...{ clock: timers, after: timers.after, repeat: timers.every },
  })
  for (const id of ['a', 'b']) await insertInto(store, id)
  /** Lets time pass, in steps within which everything settles. */
  const pass = async (ms: number, stepMs = 5): Promise<void> => {
    for (let left = ms; left > 0; left -= stepMs) {
      timers.advance(stepMs)
      for (let turn = 0; turn < 6; turn += 1) await nextTurn()
    }
  }
  let number = 0
  const append = async (count = 1, id = 'a'): Promise<void> => {
    const entries = Array.from({ length: count }, () => ({
      ...{ code: `code${++number}`, attempt: null, message: '', evidence: {} },
    }))
    await store.appendTimeline(id, entries, 1000)
    changes.changed(id)
  }
  const open = (fields: Partial<EventsOptions> = {}): Promise<EventReader> =>
    feed.open({ from: 'now', matches: () => true, onSlow: () => {}, ...fields })
  /** A reader that takes everything immediately. */
  const follow = async (fields: Partial<EventsOptions> = {}) => {
    const reader = await open(fields)
    const batches: Batch[] = []
    const ended = (async () => {
      for (let batch = await reader.next(); batch; batch = await reader.next()) batches.push(batch)
    })()
    return { reader, batches, ended, codes: () => codesOf(batches) }
  }
  return {
    ...{ store, tables, feed, changes, timers, errors, pass, append, open, follow },
    reads: () => reads,
    /** The next answer comes only when the returned function is called. */
    holdNextRead: (): (() => void) => {
      const { promise, resolve } = Promise.withResolvers<void>()
      held = promise
      return resolve
    },
    fail: (error: Error | undefined) => {
      failure = error
    },
  }
}

const eventsOf = (batches: readonly Batch[]): TimelineEvent[] =>
  batches.flatMap((batch) => (batch.type === 'events' ? batch.events : []))
const codesOf = (batches: readonly Batch[]): string[] => eventsOf(batches).map(({ code }) => code)
const typesOf = (batches: readonly Batch[]): string[] => batches.map(({ type }) => type)
const range = (from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, index) => `code${from + index}`)

describe('a reader', () => {
  test('gets what comes after it has begun, in order, and each once', async () => {
    const { append, follow, pass } = await setUp()
    await append(3)
    const { codes } = await follow()
    await pass(300)
    await append(2)
    await append(1, 'b')
    await pass(300)
    await append()
    await pass(300)
    expect(codes()).toEqual(range(4, 7))
  })

  test('that goes on after an id gets the rest from the table, and then what is new', async () => {
    const { append, follow, pass, store } = await setUp()
    await append(PAGE_SIZE * 2 + 10)
    const [first] = await store.readTimelineEvents({ after: 0, limit: 1 })
    const { codes } = await follow({ from: first?.id ?? 0 })
    await append()
    await pass(600)
    await append()
    await pass(300)
    expect(codes()).toEqual(range(2, PAGE_SIZE * 2 + 12))
  })

  test('begins at the oldest entry with 0', async () => {
    const { append, follow, pass } = await setUp()
    await append(3)
    const { codes, batches } = await follow({ from: 0 })
    await pass(300)
    expect(codes()).toEqual(range(1, 3))
    expect(typesOf(batches)).not.toContain('gap')
  })

  test('gets only what matches, and only of its recording', async () => {
    const { append, follow, pass } = await setUp()
    await append(2)
    await append(2, 'b')
    const even = await follow({ from: 0, matches: ({ code }) => Number(code.slice(4)) % 2 === 0 })
    const ofB = await follow({ from: 0, recordingId: 'b' })
    await pass(300)
    await append(2)
    await append(2, 'b')
    await pass(300)
    expect(even.codes()).toEqual(['code2', 'code4', 'code6', 'code8'])
    expect(ofB.codes()).toEqual(['code3', 'code4', 'code7', 'code8'])
  })

  test('that is slow keeps few events in memory, and loses and repeats nothing', async () => {
    const { append, open, pass } = await setUp()
    const reader = await open()
    const batches: (Batch | undefined)[] = []
    const take = async (): Promise<void> => {
      const next = reader.next()
      await pass(50)
      batches.push(await next)
    }
    const first = reader.next()
    await append()
    await pass(300)
    batches.push(await first)
    for (let time = 0; time < 10; time += 1) {
      await append(MAX_QUEUED / 5)
      await pass(300)
    }
    const total = MAX_QUEUED * 2 + 1
    while (codesOf(batches.filter((batch) => batch !== undefined)).length < total) await take()
    expect(codesOf(batches.filter((batch) => batch !== undefined))).toEqual(range(1, total))
    const largest = Math.max(...batches.map((batch) => (batch?.type === 'events' ? batch.events.length : 0)))
    expect(largest).toBeLessThanOrEqual(MAX_QUEUED)
  })

  test('is refused beyond the limit, and admitted again when another one has ended', async () => {
    const { open } = await setUp({ limit: 2 })
    const [first] = await Promise.all([open(), open()])
    await expect(open()).rejects.toThrow(TooManyReadersError)
    first?.close()
    await expect(open()).resolves.toBeDefined()
  })
})

test('whatever the order of writes, reads and readers, each reader gets everything once', async () => {
  for (let seed = 1; seed <= 20; seed += 1) {
    let state = seed
    const random = (): number => {
      state = (state * 48_271) % 2_147_483_647
      return state / 2_147_483_647
    }
    const { append, open, pass, store } = await setUp({ random })
    const readers: { from: number; reader: EventReader; got: number[]; busy: boolean }[] = []
    const take = async (one: (typeof readers)[number]): Promise<void> => {
      if (one.busy) return
      one.busy = true
      const batch = await one.reader.next()
      if (batch) one.got.push(...eventsOf([batch]).map(({ id }) => id))
      one.busy = false
    }
    for (let step = 0; step < 150; step += 1) {
      const choice = random()
      if (choice < 0.3) await append(Math.ceil(random() ** 4 * MAX_QUEUED), random() < 0.5 ? 'a' : 'b')
      else if (choice < 0.35 && readers.length < 8) {
        const newest = (await store.timelineRange())?.newest ?? 0
        const from = Math.floor(random() * (newest + 1))
        readers.push({ from, reader: await open({ from }), got: [], busy: false })
      } else if (choice < 0.8) {
        for (const one of readers) if (random() < 0.3) void take(one)
      } else await pass(Math.ceil(random() * 20) * 5)
    }
    const all = (await store.readTimelineEvents({ after: 0, limit: 1e6 })).map(({ id }) => id)
    const isMissing = ({ got, from }: (typeof readers)[number]): boolean =>
      got.length < all.filter((id) => id > from).length
    for (let round = 0; round < 200 && readers.some(isMissing); round += 1) {
      for (const one of readers) void take(one)
      await pass(25)
    }
    for (const { got, from } of readers) expect(got, `seed ${seed}`).toEqual(all.filter((id) => id > from))
  }
})

describe('the table', () => {
  test('is read once for all readers, and at most four times a second', async () => {
    const { append, follow, pass, reads } = await setUp()
    const followers = await Promise.all(Array.from({ length: 100 }, () => follow()))
    await pass(1000)
    const before = reads()
    for (let time = 0; time < 100; time += 1) {
      await append()
      await pass(10)
    }
    await pass(300)
    expect(reads() - before).toBeLessThanOrEqual(6)
    for (const { codes } of followers) expect(codes()).toEqual(range(1, 100))
  })

  test('is read without a hint as well, but not while there is no reader', async () => {
    const { append, follow, pass, reads, store, timers } = await setUp()
    await append()
    await pass(6000, 100)
    expect(reads()).toBe(0)
    const { reader, ended, codes } = await follow()
    await pass(300)
    await store.appendTimeline('a', [{ code: 'other', attempt: null, message: '', evidence: {} }], 1000)
    await pass(6000, 100)
    expect(codes()).toEqual(['other'])
    reader.close()
    await ended
    const before = reads()
    await append()
    await pass(6000, 100)
    expect(reads()).toBe(before)
    expect(timers.count()).toBe(0)
  })

  test('is read again after it could not be, and nothing is lost', async () => {
    const { append, follow, pass, fail, errors } = await setUp()
    const { codes } = await follow()
    await pass(300)
    fail(new Error('disk'))
    await append(2)
    await pass(300)
    expect(errors).toEqual([{ err: new Error('disk') }])
    fail(undefined)
    await pass(6000, 100)
    expect(codes()).toEqual(range(1, 2))
  })
})

test('what is offered to the others while a reader reads the table reaches it as well', async () => {
  const { append, follow, pass, holdNextRead } = await setUp()
  const other = await follow()
  await pass(300)
  const release = holdNextRead()
  const late = await follow()
  await pass(50)
  await append()
  await pass(300)
  expect(other.codes()).toEqual(['code1'])
  release()
  await pass(300)
  expect(late.codes()).toEqual(['code1'])
})

test('a reader is up to date although the newest entry, which others got, has been removed', async () => {
  const { append, follow, pass, tables, reads, store } = await setUp()
  const other = await follow()
  await append(3)
  await pass(300)
  const [first] = await store.readTimelineEvents({ after: 0, limit: 1 })
  tables.timeline.set('a', (tables.timeline.get('a') ?? []).slice(0, 2))
  const { codes } = await follow({ from: first?.id ?? 0 })
  await pass(300)
  const before = reads()
  await pass(1000)
  expect(reads()).toBe(before)
  await append()
  await pass(300)
  expect(codes()).toEqual(['code2', 'code4'])
  expect(other.codes()).toEqual(range(1, 4))
})

describe('where entries may be missing', () => {
  const openAfterRemoval = async (from: (ids: number[]) => number) => {
    const all = await setUp()
    await all.append(5)
    const ids = (await all.store.readTimelineEvents({ after: 0, limit: 9 })).map(({ id }) => id)
    const entries = all.tables.timeline.get('a') ?? []
    all.tables.timeline.set('a', entries.slice(2))
    const { batches } = await all.follow({ from: from(ids) })
    await all.pass(300)
    return { batches, ids }
  }

  test('the first event is a gap, and the rest follows', async () => {
    const { batches, ids } = await openAfterRemoval(([first = 0]) => first)
    expect(batches[0]).toEqual({ type: 'gap', id: ids[1] })
    expect(codesOf(batches)).toEqual(range(3, 5))
  })

  test('there is none if only what was received has been removed', async () => {
    const { batches } = await openAfterRemoval(([, second = 0]) => second)
    expect(typesOf(batches)).not.toContain('gap')
    expect(codesOf(batches)).toEqual(range(3, 5))
  })

  test('an id of the future is of another database: what is new follows', async () => {
    const { batches, ids } = await openAfterRemoval((each) => (each.at(-1) ?? 0) + 100)
    expect(batches[0]).toEqual({ type: 'gap', id: ids.at(-1) })
    expect(codesOf(batches)).toEqual([])
  })

  test('nothing is left at all', async () => {
    const { follow, append, pass } = await setUp()
    const { batches } = await follow({ from: 7 })
    await pass(300)
    await append()
    await pass(300)
    expect(typesOf(batches)).toEqual(['gap', 'events'])
  })
})

describe('the times of a reader', () => {
  test('a heartbeat comes when nothing else has come for 15 s, with the id after which to go on', async () => {
    const { append, follow, pass, store } = await setUp()
    const { batches } = await follow({ matches: ({ code }) => code === 'code2' })
    await append()
    await pass(15_000, 500)
    const { newest } = (await store.timelineRange()) ?? {}
    expect(batches).toEqual([{ type: 'heartbeat', id: newest }])
    await pass(10_000, 500)
    await append()
    await pass(6000, 500)
    expect(typesOf(batches)).toEqual(['heartbeat', 'events'])
    await pass(10_000, 500)
    expect(typesOf(batches)).toEqual(['heartbeat', 'events', 'heartbeat'])
  })

  test('one that takes nothing for 30 s is cut, and the others are not', async () => {
    const { open, follow, pass } = await setUp()
    let cut = 0
    const onSlow = (): void => {
      cut += 1
    }
    const slow = await open({ onSlow })
    const first = slow.next()
    await pass(15_000, 500)
    expect(await first).toMatchObject({ type: 'heartbeat' })
    const other = await follow({ onSlow })
    await pass(29_000, 500)
    expect(cut).toBe(0)
    await pass(2000, 500)
    expect(cut).toBe(1)
    expect(await slow.next()).toBeUndefined()
    other.reader.close()
    await other.ended
  })

  test.each([
    [0, 54],
    [0.999, 66],
  ])('each ends after an hour or so (random number %d: %d min)', async (random, minutes) => {
    const { follow, pass } = await setUp({ random: () => random })
    const { ended, batches } = await follow()
    const isOver = ended.then(() => true)
    const isOpen = () => Promise.race([isOver.then(() => false), nextTurn(true)])
    await pass(minutes * 60_000 - 10_000, 10_000)
    expect(await isOpen()).toBe(true)
    await pass(20_000, 10_000)
    expect(await isOpen()).toBe(false)
    expect(batches.length).toBeGreaterThan((minutes * 60_000) / HOUR_MS)
  })

  test('the end of the reporter ends all, and those that begin afterwards', async () => {
    const { feed, follow, open, pass, timers } = await setUp()
    const followers = [await follow(), await follow()]
    await pass(300)
    feed.end()
    await Promise.all(followers.map(({ ended }) => ended))
    expect(await (await open()).next()).toBeUndefined()
    expect(timers.count()).toBe(0)
  })
})
