import { createEmulatorCore } from './createEmulatorCore.ts'
import type { EmulatorOptions, InProcessEmulator } from './types.ts'

/** The error with which Node's `fetch` rejects if the connection is reset. */
const connectionReset = (): TypeError =>
  new TypeError('fetch failed', {
    cause: Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' }),
  })

const rejectedBy = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })

/**
 * Creates an emulator without a server, for tests that pass its `fetch` to their client. It uses no sockets and, with
 * a clock of your own, no real time. The options `host` and `port` are ignored.
 *
 * @throws {RecorderSetupError} if recordings are to be written and there is no ffmpeg, or the folder cannot be written
 * @throws {TypeError} if `appCertificate` is given and it or `appId` does not have 32 hexadecimal digits
 * @example
 * const credentials = { appId: 'app', customerId: 'id', customerSecret: 'secret' }
 * const emulator = createInProcessEmulator({ ...credentials, browser: false })
 * const client = createCloudRecording({ ...credentials, fetch: emulator.fetch })
 * await client.acquire({ cname: 'class42', uid: '1', clientRequest: { scene: 1 } })
 * emulator.requests().length // => 1
 * await emulator.close()
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
      let ended = false
      const connection = {
        end: () => {
          ended = true
          return new Response()
        },
      }
      // As over a socket, a client that gives up does not stop the service from carrying out its call.
      const response = await Promise.race([rest.fetch(request, connection), rejectedBy(signal)])
      if (ended) throw connectionReset()
      return response
    },
  }
}
