import type { ClientOptions } from '../call.ts'
import { type Client, createClient } from '../client.ts'
import type { Server } from './createServer.ts'

export const URL_OF_REPORTER = 'https://reporter.test/stillrolling'

export const createTestClient = ({ fetch }: Server, options: Partial<ClientOptions> = {}): Client =>
  createClient({ url: `${URL_OF_REPORTER}/`, apiKey: 'key1', fetch, ...options })
