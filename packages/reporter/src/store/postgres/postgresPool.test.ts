import { expect, inject, onTestFinished, test } from 'vitest'
import { createPool, type PoolOptions, parseBigint } from './postgresPool.ts'

const poolOf = (options: PoolOptions) => {
  const pool = createPool({ url: inject('postgres') }, options)
  onTestFinished(() => pool.end())
  return pool
}

test('a connection that does not answer is given up, and the next query has another one', async () => {
  const pool = poolOf({ role: 'reader', max: 1, answerTimeoutMs: 300 })
  const pid = async () => (await pool.query('select pg_backend_pid() as pid')).rows[0].pid
  const first = await pid()
  await expect(pool.query('select pg_sleep(10)')).rejects.toThrow('Query read timeout')
  expect(await pid()).not.toBe(first)
})

test('a connection that ends while it is in use fails its query, and nothing else', async () => {
  const pool = poolOf({ role: 'writer', max: 1 })
  await expect(pool.query('select pg_terminate_backend(pg_backend_pid())')).rejects.toThrow(/terminat/)
  expect((await pool.query('select 1 as one')).rows).toEqual([{ one: 1 }])
})

test.each([
  ['writer', { statement_timeout: '20s', default_transaction_read_only: 'off' }],
  ['reader', { statement_timeout: '20s', default_transaction_read_only: 'on' }],
  ['migrator', { statement_timeout: '0', default_transaction_read_only: 'off' }],
] as const)('the limits of a %s', async (role, limits) => {
  const expected = {
    ...limits,
    lock_timeout: '10s',
    idle_in_transaction_session_timeout: '15s',
    tcp_keepalives_idle: '10',
    application_name: 'stillrolling',
  }
  const names = Object.keys(expected)
  const columns = names.map((name) => `current_setting('${name}') as ${name}`)
  const { rows } = await poolOf({ role, max: 1 }).query(`select ${columns.join(', ')}`)
  expect(rows).toEqual([expected])
})

test('bigint is a number, and one that JavaScript cannot hold is refused', async () => {
  const pool = poolOf({ role: 'reader', max: 1 })
  expect((await pool.query('select 7::bigint as n')).rows).toEqual([{ n: 7 }])
  expect(parseBigint('-9007199254740991')).toBe(Number.MIN_SAFE_INTEGER)
  expect(() => parseBigint('9007199254740993')).toThrow('9007199254740993')
  await expect(pool.query('select 9007199254740993::bigint')).rejects.toThrow(RangeError)
})
