import { expect, test } from 'vitest'
import { connectionStringOf, nameOf } from './postgresAddress.ts'

test('the name of a database has no credentials', () => {
  const url = 'postgres://app:SECRET@db.test:5433/rolling?sslmode=require'
  expect(nameOf({ url })).toBe('db.test:5433/rolling')
  expect(nameOf({ url: 'postgres:///rolling?host=/run/postgresql&user=app' })).toBe('/run/postgresql/rolling')
})

test('a password beside the address may have any characters', () => {
  const connection = connectionStringOf({ url: 'postgres://app@db.test/rolling', password: 'a:b@c/d%e?f g' })
  expect(decodeURIComponent(new URL(connection).password)).toBe('a:b@c/d%e?f g')
})

test('sslmode has the meaning of libpq, and the environment adds none', () => {
  const parameters = (url: string) => Object.fromEntries(new URL(connectionStringOf({ url })).searchParams)
  expect(parameters('postgres://localhost/rolling')).toEqual({ sslmode: 'disable', uselibpqcompat: 'true' })
  expect(parameters('postgres://db.test/rolling?sslmode=require')).toEqual({
    sslmode: 'require',
    uselibpqcompat: 'true',
  })
})
