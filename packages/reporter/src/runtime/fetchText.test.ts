import { expect, test, vi } from 'vitest'
import { fetchText } from './fetchText.ts'

test('the body of a refused answer is cancelled, so that its connection is free again', async () => {
  const cancel = vi.fn<() => void>()
  const body = new ReadableStream({ cancel })
  const refused = fetchText(async () => new Response(body, { status: 503 }), 'https://app.test/token', {})
  await expect(refused).rejects.toThrow('the address answered HTTP 503')
  expect(cancel).toHaveBeenCalledOnce()
})

test('an answer whose body cannot be cancelled is refused for its status all the same', async () => {
  const body = new ReadableStream({
    cancel: () => {
      throw new Error('already gone')
    },
  })
  const refused = fetchText(async () => new Response(body, { status: 403 }), 'https://app.test/token', {})
  await expect(refused).rejects.toThrow('the address answered HTTP 403')
})
