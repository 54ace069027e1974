import { type ClientOptions, createPerform } from './call.ts'
import type { Operations } from './generated/operations.ts'
import { createOperations } from './operations.ts'
import { createWaitUntil, type WaitUntil } from './waitUntil.ts'

/** The operations of a reporter, and what takes several of them. */
export interface Client extends Operations {
  /**
   * Waits until a recording is in a state, or in one of several.
   * @throws {StillrollingError} `timed_out`; `state_unreachable` if it has ended, or was stopped
   */
  waitUntil: WaitUntil
}

/**
 * A client of a reporter. It sends requests again where that is safe: those that read, those that change nothing the second
 * time, and those that the reporter refused for now.
 * @throws {TypeError} if the address is none
 * @example
 * const client = createClient({ url, apiKey })
 * const { id } = await client.startRecording({ url: 'https://app.example.com/room/42' })
 * await client.stopRecording(id)
 */
export const createClient = (options: ClientOptions): Client => {
  const operations = createOperations(createPerform(options), options)
  return { ...operations, waitUntil: createWaitUntil(operations) }
}
