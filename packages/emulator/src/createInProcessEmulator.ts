import { createEmulatorCore } from './createEmulatorCore.ts'
import type { EmulatorOptions, InProcessEmulator } from './types.ts'

/** As undici says it. */
const connectionCut = (): TypeError =>
  new TypeError('fetch failed', {
    cause: Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' }),
  })

const rejectedBy = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })

/**
 * The emulator without a server, for tests that give its `fetch` to their client: no sockets, no ports, and with an
 * injected clock no time. `host` and `port` count for nothing.
 *
 * @example
 * const emulator = createInProcessEmulator({ appId: 'app', customerId: 'id', customerSecret: 'secret', browser: false })
 * const client = createCloudRecording({ appId: 'app', customerId: 'id', customerSecret: 'secret', fetch: emulator.fetch })
 */
export const createInProcessEmulator = (options: EmulatorOptions): InProcessEmulator => {
  const { rest, controls, close } = createEmulatorCore(options)
  return {
    ...controls,
    close,
    fetch: async (input, init) => {
      const request = new Request(input, init)
      const { signal } = request
      signal.throwIfAborted()
      let cut = false
      const carrier = {
        cut: () => {
          cut = true
          return new Response()
        },
      }
      // As over a socket: a client that gives up does not stop what the service is doing.
      const response = await Promise.race([rest.fetch(request, carrier), rejectedBy(signal)])
      if (cut) throw connectionCut()
      return response
    },
  }
}
