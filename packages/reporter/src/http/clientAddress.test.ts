import { Hono } from 'hono'
import { expect, test } from 'vitest'
import { createClientAddress, isSubnet } from './clientAddress.ts'

const addressOf = async (
  trusted: string[],
  { remoteAddress, forwarded }: { remoteAddress?: string; forwarded?: string },
): Promise<string> => {
  const clientAddress = createClientAddress(trusted)
  const app = new Hono().get('/', (c) => c.text(clientAddress(c) ?? 'none'))
  const headers = forwarded === undefined ? {} : { 'x-forwarded-for': forwarded }
  const answer = await app.request('/', { headers }, { incoming: { socket: { remoteAddress } } })
  return answer.text()
}

const PROXY = '10.0.0.9'

test.each<[trusted: string[], remoteAddress: string, forwarded: string | undefined, expected: string]>([
  [[], '203.0.113.7', undefined, '203.0.113.7'],
  [[], PROXY, '203.0.113.7', PROXY],
  [['10.0.0.0/8'], '203.0.113.8', '203.0.113.7', '203.0.113.8'],
  [['10.0.0.0/8'], PROXY, '203.0.113.7', '203.0.113.7'],
  [['10.0.0.0/8'], PROXY, undefined, PROXY],
  [['10.0.0.0/8'], PROXY, '', PROXY],
  // Only the last address was written by the trusted proxy; the client has sent the others.
  [[PROXY], PROXY, '198.51.100.1, 10.0.0.9, 203.0.113.7', '203.0.113.7'],
  [[PROXY, '10.0.0.8'], PROXY, '198.51.100.1, 203.0.113.7, 10.0.0.8', '203.0.113.7'],
  [[PROXY], PROXY, '203.0.113.7, unknown', PROXY],
  [[PROXY], PROXY, '203.0.113.7:51234', '203.0.113.7'],
  [[PROXY], `::ffff:${PROXY}`, '203.0.113.7', '203.0.113.7'],
  [['fd00::/8'], 'fd00::1', '[2001:db8::7]:443', '2001:db8::7'],
  [['fe80::/10'], 'fe80::1%eth0', '2001:db8::7', '2001:db8::7'],
  [['0.0.0.0/0'], PROXY, '203.0.113.7, 198.51.100.1', '203.0.113.7'],
])(
  'behind the proxies %j, a request of %s with X-Forwarded-For %j comes from %s',
  async (trusted, remoteAddress, forwarded, expected) => {
    expect(await addressOf(trusted, { remoteAddress, forwarded })).toBe(expected)
  },
)

test('a request without a connection has no address', async () => {
  expect(await addressOf([PROXY], { forwarded: '203.0.113.7' })).toBe('none')
})

test.each(['127.0.0.1', '10.0.0.0/8', '::1', 'fd00::/8', '0.0.0.0/0'])('%s is a subnet', (text) => {
  expect(isSubnet(text)).toBe(true)
})

test.each([
  '',
  'localhost',
  '10.0.0.0/33',
  '10.0.0.0/',
  '10.0.0.0/8/8',
  '10.0.0/8',
  '::1/129',
  'fe80::1%eth0/64',
])('%j is no subnet', (text) => {
  expect(isSubnet(text)).toBe(false)
})
