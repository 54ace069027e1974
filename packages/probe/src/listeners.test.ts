import { expect, test, vi } from 'vitest'
import { createListeners } from './listeners.ts'

const dispatch = () => window.dispatchEvent(new Event('online'))

test('a listener is called until it is removed, however often it is added again', () => {
  const { listen, renew, remove } = createListeners(window, () => {})
  const handle = vi.fn()
  listen('online', handle)
  renew()
  renew()
  dispatch()
  expect(handle).toHaveBeenCalledOnce()
  remove()
  dispatch()
  expect(handle).toHaveBeenCalledOnce()
})

test('a listener that document.open() has removed is added again', () => {
  const add = vi.spyOn(window, 'addEventListener')
  const { listen, renew, remove } = createListeners(window, () => {})
  const handle = vi.fn()
  listen('online', handle)
  const [type, listener] = add.mock.calls[0] ?? []
  window.removeEventListener(`${type}`, listener as EventListener, true)
  dispatch()
  expect(handle).not.toHaveBeenCalled()
  renew()
  dispatch()
  expect(handle).toHaveBeenCalledOnce()
  remove()
  add.mockRestore()
})

test('what a listener throws does not reach the page', () => {
  const onInternalError = vi.fn()
  const { listen, remove } = createListeners(window, onInternalError)
  listen('online', () => {
    throw new Error('listener')
  })
  dispatch()
  expect(onInternalError).toHaveBeenCalledOnce()
  remove()
})
