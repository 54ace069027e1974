import { describe, expect, test } from 'vitest'
import { readConfig } from './config.ts'
import { configErrorOf, fileWith, GOOD } from './testing/goodEnvironment.ts'

const URL = 'postgres://app:SECRET-in-the-url@db.example.com/rolling?sslmode=verify-full'
const URL_WITHOUT_PASSWORD = URL.replace(':SECRET-in-the-url', '')

describe('DATABASE_URL', () => {
  test('selects PostgreSQL, with a password in it, beside it or in a file', () => {
    expect(readConfig(GOOD).postgres).toBeUndefined()
    expect(readConfig({ ...GOOD, DATABASE_URL: URL }).postgres).toEqual({ url: URL, password: undefined })
    const url = URL_WITHOUT_PASSWORD
    const password = 'SECRET@/%'
    const expected = { url, password }
    expect(readConfig({ ...GOOD, DATABASE_URL: url, DATABASE_PASSWORD: password }).postgres).toEqual(expected)
    const file = fileWith(`${password}\n`)
    expect(readConfig({ ...GOOD, DATABASE_URL: url, DATABASE_PASSWORD_FILE: file }).postgres).toEqual(
      expected,
    )
  })

  test.each([
    [{ DATABASE_URL: URL, DATABASE_FILE: 'a.db' }, 'DATABASE_FILE', 'must not be set beside DATABASE_URL'],
    [
      { DATABASE_URL: URL, DATABASE_PASSWORD: 'SECRET' },
      'DATABASE_PASSWORD',
      'if DATABASE_URL has a password',
    ],
    [{ DATABASE_PASSWORD: 'SECRET' }, 'DATABASE_PASSWORD', 'must not be set without DATABASE_URL'],
  ])('is refused with what contradicts it: %#', (environment, name, message) => {
    const { wrong } = configErrorOf({ ...GOOD, ...environment })
    expect(wrong).toEqual([{ name, message: expect.stringContaining(message) }])
  })

  test.each([
    ['mysql://db.example.com/rolling', 'must be like postgres://'],
    ['SECRET', 'must be like postgres://'],
    ['postgres:///rolling', 'must name a host'],
    ['postgres://db.example.com', 'must name a database'],
    ['postgres://db.example.com/', 'must name a database'],
    ['postgres://db.example.com/rolling', 'must say sslmode'],
    ['postgres://db.example.com/rolling?sslmode=prefer', 'must have one of these as sslmode'],
    ['postgres://db.example.com/rolling?sslmode=verify-ca', 'as sslrootcert'],
  ])('%s is refused without being quoted', (url, message) => {
    const { wrong } = configErrorOf({ ...GOOD, DATABASE_URL: url })
    expect(wrong).toEqual([{ name: 'DATABASE_URL', message: expect.stringContaining(message) }])
    expect(wrong[0]?.message).not.toContain(url)
  })

  test.each([
    'postgres://app@127.0.0.1:5433/rolling',
    'postgresql://localhost/rolling',
    'postgres:///rolling?host=/run/postgresql&user=app',
    'postgres://app@db/rolling?sslmode=disable',
  ])('%s is accepted', (url) => {
    expect(readConfig({ ...GOOD, DATABASE_URL: url }).postgres?.url).toBe(url)
  })
})
