import { afterEach, expect, test, vi } from 'vitest'
import { runOutsideZones } from './zone.ts'

afterEach(() => {
  vi.unstubAllGlobals()
})

test('the root zone runs the callback', () => {
  let zone = 'angular'
  const run = (callback: () => void) => {
    zone = 'root'
    callback()
    zone = 'angular'
  }
  vi.stubGlobal('Zone', { root: { run } })
  let ranIn = ''
  runOutsideZones(() => {
    ranIn = zone
  })
  expect(ranIn).toBe('root')
})

test.each<[string, unknown]>([
  ['no zone.js', undefined],
  ['a global of its own', class Zone {}],
  ['an element with this id', document.createElement('div')],
  ['a root without run()', { root: {} }],
])('in a page with %s the callback simply runs', (_, global) => {
  vi.stubGlobal('Zone', global)
  const callback = vi.fn()
  runOutsideZones(callback)
  expect(callback).toHaveBeenCalledOnce()
})
