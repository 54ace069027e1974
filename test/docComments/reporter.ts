import { vi } from 'vitest'
import type { Stage } from './stage.ts'

/** The examples read everything from the environment. */
export type Names = Record<never, never>

const ENVIRONMENT = {
  PORT: '0',
  DATABASE_FILE: ':memory:',
  LOG_LEVEL: 'silent',
  STILLROLLING_SECRET: 'a-secret-of-at-least-32-characters',
  STILLROLLING_API_KEYS: 'a-key-of-at-least-16-characters',
  PUBLIC_URL: 'https://reporter.example.com',
  AGORA_APP_ID: 'app1',
  AGORA_CUSTOMER_ID: 'customer1',
  AGORA_CUSTOMER_SECRET: 'secret1',
  STORAGE_PROFILES: JSON.stringify({
    default: { vendor: 1, region: 0, bucket: 'b', accessKey: 'k', secretKey: 's' },
  }),
}

/** Examples call `readConfig(process.env)`: a free port, a database in memory, no log. */
export const setUp = async (): Promise<Stage & { names: Names }> => {
  for (const [name, value] of Object.entries(ENVIRONMENT)) vi.stubEnv(name, value)
  return {
    names: {},
    run: (work) => work,
    close: async () => {
      vi.unstubAllEnvs()
    },
  }
}
