import { expect, test, vi } from 'vitest'
import { captureNatives } from './natives.ts'

test('captured functions do not depend on what the page replaces later', () => {
  const natives = captureNatives(globalThis)
  const replaced = () => {
    throw new Error('the page has replaced it')
  }
  vi.spyOn(Array.prototype, 'map').mockImplementation(replaced)
  vi.spyOn(String.prototype, 'split').mockImplementation(replaced)
  vi.spyOn(Map.prototype, 'get').mockImplementation(replaced)
  vi.spyOn(Math, 'max').mockImplementation(replaced)
  vi.spyOn(JSON, 'stringify').mockImplementation(replaced)
  vi.stubGlobal('Map', replaced)
  const results = [
    natives.Array.map([1, 2], (n) => natives.Math.max(n, 2)),
    natives.String.split('a b', ' '),
    natives.Map.get(new natives.Map.type([['key', 'value']]), 'key'),
    natives.JSON.stringify({ n: 1 }),
  ]
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
  expect(results).toEqual([[2, 2], ['a', 'b'], 'value', '{"n":1}'])
})

test('a global that the browser lacks has no type', () => {
  vi.stubGlobal('VideoFrame', undefined)
  expect(captureNatives(globalThis).VideoFrame.type).toBeUndefined()
  vi.unstubAllGlobals()
})

test('a type is the global itself, also where its objects have a type of their own', () => {
  const natives = captureNatives(globalThis)
  expect(new natives.Blob.type(['x'], { type: 'text/plain' })).toBeInstanceOf(Blob)
})
