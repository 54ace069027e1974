import { describe, expect, test } from 'vitest'
import type { ApiKey } from '../../store/types.ts'
import { createKeyRing } from './keyRing.ts'

const keyWith = (hash: string): ApiKey => ({
  ...{ id: `key_${hash}`, name: hash, scope: 'read' },
  ...{ createdAt: 1000, lastUsedAt: null, revokedAt: null },
})

const setUp = () => {
  let time = 0
  const reads: string[] = []
  const warnings: unknown[] = []
  const stored = new Map([keyWith('a'), keyWith('b')].map((key) => [key.name, key]))
  const store = {
    findApiKey: async (hash: string) => {
      reads.push(hash)
      return stored.get(hash) ?? (hash.startsWith('many') ? keyWith(hash) : undefined)
    },
    readApiKeys: async () => [...stored.values()],
    markApiKeyUsed: async () => {
      throw new Error('disk full')
    },
  }
  const clock = { now: () => time, elapsed: () => time }
  const ring = createKeyRing({
    store,
    clock,
    log: { warn: (...line: unknown[]) => void warnings.push(line) },
  })
  const advance = (ms: number): void => {
    time += ms
  }
  return { ring, stored, reads, warnings, advance }
}

describe('the stored keys', () => {
  test('are read again after 5 s, and wrong ones every time', async () => {
    const { ring, reads, advance } = setUp()
    for (let n = 0; n < 3; n += 1) expect(await ring.find('a')).toEqual(keyWith('a'))
    advance(4999)
    await ring.find('a')
    expect(reads).toEqual(['a'])
    advance(1)
    await ring.find('a')
    expect(reads).toEqual(['a', 'a'])
    for (let n = 0; n < 2; n += 1) expect(await ring.find('wrong')).toBeUndefined()
    expect(reads).toEqual(['a', 'a', 'wrong', 'wrong'])
  })

  test('are forgotten after a change, also what was being read during it', async () => {
    const { ring, stored, reads } = setUp()
    const reading = ring.find('a')
    ring.changed()
    await reading
    stored.set('a', { ...keyWith('a'), revokedAt: 1 })
    expect(await ring.find('a')).toBeUndefined()
    expect(reads).toEqual(['a', 'a'])
  })

  test('are known only up to a number', async () => {
    const { ring, reads } = setUp()
    await ring.find('a')
    for (let n = 0; n < 1000; n += 1) await ring.find(`many${n}`)
    reads.length = 0
    await ring.find('many999')
    await ring.find('a')
    expect(reads).toEqual(['a'])
  })

  test('are accepted if their use cannot be stored, which is logged', async () => {
    const { ring, warnings } = setUp()
    expect(await ring.find('a')).toEqual(keyWith('a'))
    await new Promise(setImmediate)
    expect(warnings).toMatchObject([[{ keyId: 'key_a' }, 'The last use of an API key could not be stored']])
  })

  test('are some as long as one of them is not revoked', async () => {
    const { ring, stored } = setUp()
    for (const hash of ['a', 'b']) stored.set(hash, { ...keyWith(hash), revokedAt: 1 })
    expect(await ring.hasKeys()).toBe(false)
    stored.set('c', keyWith('c'))
    expect(await ring.hasKeys()).toBe(true)
  })
})
