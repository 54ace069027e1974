import { setImmediate as nextTurn } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import type { StoredRecording } from '../store/types.ts'
import { DEFAULT_POLICY } from '../supervisor/policy.ts'
import { newRecording, type Recording, type RecordingState } from '../supervisor/recording.ts'
import { createManualTimers } from '../testing/manualTimers.ts'
import { requestOf } from '../testing/stores.ts'
import { createChanges } from './changes.ts'
import { createStateWaits, TooManyWaitsError } from './stateWaits.ts'

const setUp = ({ limit }: { limit?: number } = {}) => {
  const timers = createManualTimers()
  const changes = createChanges({ error: () => {} })
  let stored: StoredRecording | undefined
  let reads = 0
  let whileReading = (): void => {}
  const set = (state: RecordingState, fields: Partial<Recording> = {}): void => {
    const recording = { ...newRecording('a', DEFAULT_POLICY, 1000, 3), ...fields, state }
    stored = { request: requestOf('a'), recording, version: 1, updatedAt: 1000 }
    changes.changed('a')
  }
  set('starting')
  const engine = {
    load: async () => {
      const read = stored
      reads += 1
      whileReading()
      await nextTurn()
      return read
    },
  }
  const waits = createStateWaits({ engine, changes, after: timers.after, limit })
  const wait = (states: RecordingState[], signal = new AbortController().signal) => {
    let answered = false
    const answer = waits.wait('a', { states, timeoutMs: 60_000, signal }).finally(() => {
      answered = true
    })
    return {
      answer,
      state: async () => (await answer)?.recording.state,
      /** Once nothing moves any more. */
      isAnswered: async () => {
        for (let turn = 0; turn < 6; turn += 1) await nextTurn()
        return answered
      },
    }
  }
  return {
    ...{ waits, wait, set, timers },
    remove: () => {
      stored = undefined
    },
    reads: () => reads,
    onceWhileReading: (job: () => void) => {
      whileReading = () => {
        whileReading = () => {}
        job()
      }
    },
  }
}

describe('a wait for a state', () => {
  test('is answered immediately if the recording is in it', async () => {
    const { wait, timers } = setUp()
    expect(await wait(['rolling', 'starting']).state()).toBe('starting')
    expect(timers.count()).toBe(0)
  })

  test('is answered when the recording has come into it, and not before', async () => {
    const { wait, set, timers } = setUp()
    const { state, isAnswered } = wait(['rolling'])
    expect(await isAnswered()).toBe(false)
    set('loading')
    expect(await isAnswered()).toBe(false)
    set('rolling')
    expect(await state()).toBe('rolling')
    expect(timers.count()).toBe(0)
  })

  test('reads nothing while nothing changes', async () => {
    const { wait, reads } = setUp()
    expect(await wait(['rolling']).isAnswered()).toBe(false)
    // The change of the set-up arrives after the first read.
    expect(reads()).toBeLessThanOrEqual(2)
  })

  test('does not miss what changes while the row is being read', async () => {
    const { wait, set, onceWhileReading } = setUp()
    await nextTurn()
    onceWhileReading(() => set('rolling'))
    expect(await wait(['rolling']).state()).toBe('rolling')
  })

  test.each<[RecordingState, Partial<Recording>, RecordingState[]]>([
    ['failed', {}, ['rolling']],
    ['stopped', { desired: 'stopped' }, ['rolling', 'failed']],
    ['stopping', { desired: 'stopped' }, ['rolling', 'failed']],
  ])('is answered when the recording is %s and can reach none of them', async (last, fields, states) => {
    const { wait, set } = setUp()
    const { state, isAnswered } = wait(states)
    expect(await isAnswered()).toBe(false)
    set(last, fields)
    expect(await state()).toBe(last)
  })

  test('goes on while a stop is awaited', async () => {
    const { wait, set } = setUp()
    const { state, isAnswered } = wait(['stopped'])
    set('stopping', { desired: 'stopped' })
    expect(await isAnswered()).toBe(false)
    set('stopped', { desired: 'stopped' })
    expect(await state()).toBe('stopped')
  })

  test('ends with its time, with the recording as it is then', async () => {
    const { wait, timers } = setUp()
    const { state, isAnswered } = wait(['rolling'])
    timers.advance(59_999)
    expect(await isAnswered()).toBe(false)
    timers.advance(1)
    expect(await state()).toBe('starting')
  })

  test('ends when the recording is no longer there', async () => {
    const { wait, timers, remove } = setUp()
    const { answer } = wait(['rolling'])
    remove()
    timers.advance(60_000)
    expect(await answer).toBeUndefined()
  })

  test('ends with the request, and holds nothing then', async () => {
    const { wait, timers } = setUp({ limit: 1 })
    const request = new AbortController()
    const { answer, isAnswered } = wait(['rolling'], request.signal)
    expect(await isAnswered()).toBe(false)
    request.abort()
    await answer
    expect(timers.count()).toBe(0)
    expect(await wait(['starting']).state()).toBe('starting')
  })

  test('is refused beyond the limit', async () => {
    const { wait } = setUp({ limit: 2 })
    void wait(['rolling']).answer
    void wait(['rolling']).answer
    await expect(wait(['rolling']).answer).rejects.toThrow(TooManyWaitsError)
  })
})

test('the end of the reporter answers all waits, and those that begin afterwards', async () => {
  const { waits, wait } = setUp()
  const both = [wait(['rolling']), wait(['stopped'])]
  await Promise.all(both.map(({ isAnswered }) => isAnswered()))
  waits.end()
  expect(await Promise.all(both.map(({ state }) => state()))).toEqual(['starting', 'starting'])
  expect(await wait(['rolling']).state()).toBe('starting')
})
