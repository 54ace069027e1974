import { describe, expect, test } from 'vitest'
import { notifyReady } from './notifyReady.ts'

describe('notifyReady', () => {
  test('is called as a method', () => {
    const recorder = {
      calls: 0,
      notifyReady() {
        this.calls++
      },
    }
    expect(notifyReady(recorder as unknown as Navigator)).toBe(true)
    expect(recorder.calls).toBe(1)
  })

  test('returns false when there is nothing to call', () => {
    expect(notifyReady({} as Navigator)).toBe(false)
    expect(notifyReady({ notifyReady: 1 } as unknown as Navigator)).toBe(false)
  })
})
