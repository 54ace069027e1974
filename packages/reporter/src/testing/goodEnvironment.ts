import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { ConfigError, type Environment, readConfig } from '../config.ts'

/** The only storage profile of `GOOD`. */
export const PROFILE = {
  vendor: 1,
  region: 0,
  bucket: 'b',
  accessKey: 'SECRET-access',
  secretKey: 'SECRET-storage',
} as const

/** An App ID of the form that Agora has; that of `GOOD` has another one. */
export const APP_ID = '970ca35de60c44645bbae8a215061b33'
export const CERTIFICATE = '5cfd2fd1755d40ecb72977518be15d3b'
/** A secret of Standard Webhooks. */
export const SIGNING: string = `whsec_${Buffer.alloc(24, 1).toString('base64')}`

/** The variables that are required, and nothing else. What is secret begins with `SECRET`. */
export const GOOD: Environment = {
  PUBLIC_URL: 'https://reporter.example.com',
  STILLROLLING_API_KEYS: 'SECRET-key-of-the-api',
  STILLROLLING_SECRET: 'SECRET-signs-page-tokens',
  AGORA_APP_ID: 'app1',
  AGORA_CUSTOMER_ID: 'customer1',
  AGORA_CUSTOMER_SECRET: 'SECRET-of-the-customer',
  STORAGE_PROFILES: JSON.stringify({ default: PROFILE }),
}

/** @throws if the configuration is accepted */
export const configErrorOf = (environment: Environment): ConfigError => {
  try {
    readConfig(environment)
  } catch (error) {
    if (error instanceof ConfigError) return error
    throw error
  }
  throw new Error('the configuration was accepted')
}

/** A file for the time of the test. */
export const fileWith = (text: string): string => {
  const folder = mkdtempSync(join(tmpdir(), 'stillrolling-config-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'secret')
  writeFileSync(file, text)
  return file
}
