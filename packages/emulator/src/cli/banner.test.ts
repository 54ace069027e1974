import { expect, test } from 'vitest'
import { CREDENTIALS } from '../testing/client.ts'
import type { Emulator, EmulatorOptions } from '../types.ts'
import { banner } from './banner.ts'

const EMULATOR = { url: 'http://127.0.0.1:8787', tls: null } as unknown as Emulator

const show = (options: Partial<EmulatorOptions>): string => banner(EMULATOR, { ...CREDENTIALS, ...options })

test.each([
  [{}, 'The control API asks for no credentials: anyone who can reach 0.0.0.0 can use it.'],
  [
    { record: { directory: 'recordings' } },
    'The control API and /_files/ ask for no credentials: anyone who can reach 0.0.0.0 can use them.',
  ],
])('with %j, other machines are warned of', (options, warning) => {
  expect(show({ ...options, host: '0.0.0.0' })).toContain(warning)
  expect(show(options)).not.toContain('credentials:')
})
