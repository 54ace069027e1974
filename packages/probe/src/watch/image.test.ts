import { beforeEach, describe, expect, test } from 'vitest'
import { imageFailure } from './image.ts'

interface Look {
  source?: string
  complete?: boolean
  width?: number
}

/** An image that the test loads and decodes by hand. */
const createImage = () => {
  const image = document.createElement('img')
  let look: Required<Look> = { source: 'a.png', complete: true, width: 20 }
  let decoded: { resolve: () => void; reject: (fault: unknown) => void } | undefined
  Object.defineProperties(image, {
    currentSrc: { get: () => look.source },
    complete: { get: () => look.complete },
    naturalWidth: { get: () => look.width },
    decode: {
      value: () =>
        new Promise<void>((resolve, reject) => {
          decoded = { resolve, reject }
        }),
    },
  })
  return {
    image,
    be: (change: Look) => {
      look = { ...look, ...change }
    },
    settle: async (fault?: string) => {
      if (fault) decoded?.reject(fault)
      else decoded?.resolve()
      await Promise.resolve().then()
    },
  }
}

let it: ReturnType<typeof createImage>
beforeEach(() => {
  it = createImage()
})

const failure = (at: number, met: boolean): string | undefined => imageFailure(it.image, at, met)

const LOADING = { complete: false, width: 0 }
const LOADED = { complete: true, width: 20 }

describe('an image that has not been seen', () => {
  test('must be loaded and decoded', async () => {
    it.be(LOADING)
    expect(failure(0, false)).toBe('is being loaded')
    it.be(LOADED)
    expect(failure(250, false)).toBe('is being decoded')
    await it.settle()
    expect(failure(500, false)).toBeUndefined()
  })

  test('is broken if it is complete without a size, or cannot be decoded', async () => {
    it.be({ width: 0 })
    expect(failure(0, false)).toBe('could not be loaded')
    it.be({ source: '' })
    expect(failure(250, true)).toBe('has no source')
    it.be({ source: 'b.png', width: 20 })
    failure(500, false)
    await it.settle('EncodingError')
    expect(failure(750, true)).toBe('cannot be decoded: EncodingError')
  })

  test('counts as decoded 3 s after the first source of an unbroken run', () => {
    for (let at = 0; at < 3000; at += 250) {
      it.be({ source: `${at}.png` })
      expect(failure(at, false)).toBe('is being decoded')
    }
    it.be({ source: 'next.png' })
    expect(failure(3000, false)).toBeUndefined()
  })
})

describe('an image whose picture changes', () => {
  test('is well while another is being decoded, or loaded', () => {
    failure(0, false)
    it.be({ source: 'b.png' })
    expect(failure(1000, true)).toBeUndefined()
    it.be({ source: 'c.png', ...LOADING })
    expect(failure(2000, true)).toBeUndefined()
  })

  test('fails when a load has been under way for more than ten polls', () => {
    failure(0, true)
    it.be({ source: 'b.png', ...LOADING })
    for (let at = 1; at <= 10; at++) expect(failure(at * 1000, true)).toBeUndefined()
    expect(failure(11_000, true)).toBe('is being loaded')
    it.be(LOADED)
    expect(failure(12_000, true)).toBeUndefined()
  })

  test('is well however many loads are found under way, if others end between the polls', () => {
    failure(0, true)
    it.be(LOADING)
    for (let at = 1; at <= 60; at++) {
      it.be({ source: `blob:${at}` })
      expect(failure(at * 1000, true)).toBeUndefined()
      it.image.dispatchEvent(new Event('load'))
    }
  })

  test('fails when sources change but none is loaded', () => {
    failure(0, true)
    it.be(LOADING)
    const failures = Array.from({ length: 12 }, (_, at) => {
      it.be({ source: `/snapshot?${at}` })
      return failure(at * 1000, true)
    })
    expect(failures.slice(9)).toEqual([undefined, 'is being loaded', 'is being loaded'])
  })

  test('is not spoilt by a late answer about an earlier source', async () => {
    failure(0, true)
    it.be({ source: 'b.png' })
    await it.settle('EncodingError')
    expect(failure(1000, true)).toBeUndefined()
  })
})

test('an image that replaces another must be loaded, but need not be decoded yet', () => {
  it.be(LOADING)
  expect(failure(0, true)).toBe('is being loaded')
  it.be(LOADED)
  expect(failure(1000, true)).toBeUndefined()
})

test('an image whose address is set again while it is being decoded is decoded again', async () => {
  expect(failure(0, false)).toBe('is being decoded')
  await it.settle('EncodingError')
  expect(failure(250, false)).toBe('cannot be decoded: EncodingError')
  it.image.dispatchEvent(new Event('load'))
  failure(500, false)
  await it.settle()
  expect(failure(750, false)).toBeUndefined()
})
