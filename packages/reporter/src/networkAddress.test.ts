import { describe, expect, test } from 'vitest'
import { isLocal, isLoopback } from './networkAddress.ts'

const hostOf = (host: string): string => new URL(`http://${host}/`).hostname

const LOOPBACK = [
  'localhost',
  'LOCALHOST',
  'app.localhost',
  '127.0.0.1',
  '127.1.2.3',
  '[::1]',
  '[::ffff:127.0.0.1]',
]
const LOCAL = [
  ...['0.0.0.0', '10.1.2.3', '100.64.1.1', '169.254.1.1', '172.16.0.1', '172.31.255.1', '192.168.1.5'],
  ...['[::]', '[fd00::1]', '[fe80::1]', '[::ffff:10.0.0.1]', 'reporter', 'mac.local', 'reporter.internal'],
]
const PUBLIC = [
  ...['reporter.example.com', '93.184.216.34', '172.32.0.1', '11.0.0.1', '[2606:4700::1111]'],
  ...['localhost.example.com', '127.example.com', 'local.example.com'],
]

describe('hosts as they are in a URL', () => {
  test.each(LOOPBACK)('%s is loopback', (host) => {
    expect([isLoopback(hostOf(host)), isLocal(hostOf(host))]).toEqual([true, true])
  })

  test.each(LOCAL)('%s is of this network', (host) => {
    expect([isLoopback(hostOf(host)), isLocal(hostOf(host))]).toEqual([false, true])
  })

  test.each(PUBLIC)('%s is of the internet', (host) => {
    expect([isLoopback(hostOf(host)), isLocal(hostOf(host))]).toEqual([false, false])
  })
})

test('an IPv6 address that a server listens on has no brackets', () => {
  expect([isLoopback('::1'), isLoopback('::')]).toEqual([true, false])
})
