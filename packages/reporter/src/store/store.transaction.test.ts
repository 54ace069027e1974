import { describe, expect, test } from 'vitest'
import { insertInto, loadFrom, STORES } from '../testing/stores.ts'

describe.each(STORES)('a store in %s', (_name, open) => {
  describe('runs a transaction', () => {
    const key = { noticeId: 'n1', sid: 's', uid: '1', eventType: 71, sequence: 3 }

    test('and rolls it back if its work rejects', async () => {
      const store = await open()
      await insertInto(store, 'a')
      await store.addEffects('a', [{ kind: 'stop', attempt: 1 }], 0)
      const [effect] = await store.claimEffects(0, { kinds: ['stop'], limit: 1, leaseMs: 1000 })
      const work = store.transaction(async (operations) => {
        const stored = await operations.loadRecording('a')
        if (!stored || !effect) throw new Error('unreachable')
        await operations.completeEffect(effect.id)
        await operations.rememberNotification(key, 2000)
        await operations.saveRecording(stored, { ...stored.recording, state: 'rolling' }, 2000)
        await operations.addEffects('a', [{ kind: 'query', attempt: 1 }], 2000)
        await operations.appendTimeline('a', [{ code: 'x', attempt: null, message: '', evidence: {} }], 2000)
        expect(await operations.loadRecording('a')).toMatchObject({
          version: 2,
          recording: { state: 'rolling' },
        })
        throw new Error('the work failed')
      })
      await expect(work).rejects.toThrow('the work failed')
      expect(await loadFrom(store, 'a')).toMatchObject({ version: 1, recording: { state: 'starting' } })
      expect(await store.readTimeline('a', { after: 0, limit: 9 })).toEqual([])
      expect(await store.rememberNotification(key, 3000)).toBe(true)
      expect(await store.claimEffects(1000, { kinds: ['stop', 'query'], limit: 9, leaseMs: 1000 })).toEqual([
        effect,
      ])
    })

    test('in isolation: a read sees the state before or after it', async () => {
      const store = await open()
      await insertInto(store, 'a')
      const midway = Promise.withResolvers<void>()
      const work = store.transaction(async (operations) => {
        const stored = await operations.loadRecording('a')
        if (!stored) throw new Error('unreachable')
        await operations.saveRecording(stored, { ...stored.recording, state: 'rolling' }, 2000)
        const entry = { code: 'x', attempt: null, message: '', evidence: {} }
        await operations.appendTimeline('a', [entry], 2000)
        await midway.promise
        await operations.appendTimeline('a', [entry], 2000)
        return 'done'
      })
      const seen = Promise.all([store.loadRecording('a'), store.readTimeline('a', { after: 0, limit: 9 })])
      midway.resolve()
      expect(await work).toBe('done')
      const [stored, timeline] = await seen
      expect([1, 2]).toContain(stored?.version)
      expect([0, 2]).toContain(timeline.length)
      expect(await store.readTimeline('a', { after: 0, limit: 9 })).toHaveLength(2)
    })

    test('after one that was rolled back', async () => {
      const store = await open()
      await expect(store.transaction(() => Promise.reject(new Error('no')))).rejects.toThrow('no')
      await store.transaction((operations) => operations.writeTick(7))
      expect(await store.readTick()).toBe(7)
    })
  })
})
