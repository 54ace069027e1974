import { expect, test } from 'vitest'
import { isPrivateAddress, isPublicAddress } from './publicAddress.ts'

const rows: [address: string, isPublic: boolean | undefined, what: string][] = [
  ['8.8.8.8', true, 'public'],
  ['172.15.255.255', true, 'just below a private range'],
  ['172.32.0.0', true, 'just above it'],
  ['100.63.255.255', true, 'just below CGNAT'],
  ['100.128.0.0', true, 'just above it'],
  ['198.20.0.0', true, 'just above the benchmarks'],
  ['192.0.1.0', true, 'just above the protocol assignments'],
  ['223.255.255.255', true, 'just below multicast'],
  ['2606:4700::1111', true, 'public'],
  ['2a00:1450:4001::200e', true, 'public'],
  ['2001:4860:4860::8888', true, 'public, beside the protocol assignments'],
  ['64:ff9b::808:808', true, 'NAT64 of a public address'],
  ['64:ff9b::8.8.8.8', true, 'the same'],

  ['0.0.0.0', false, 'this network'],
  ['10.0.0.1', false, 'private'],
  ['100.64.0.1', false, 'CGNAT'],
  ['100.100.100.200', false, 'metadata of Alibaba Cloud'],
  ['127.0.0.1', false, 'this machine'],
  ['127.255.255.254', false, 'this machine'],
  ['168.63.129.16', false, 'metadata of Azure'],
  ['169.254.169.254', false, 'metadata'],
  ['169.254.170.2', false, 'credentials of containers at AWS'],
  ['172.16.0.1', false, 'private'],
  ['172.31.255.255', false, 'private'],
  ['192.0.0.192', false, 'metadata of Oracle Cloud'],
  ['192.0.2.1', false, 'documentation'],
  ['192.88.99.1', false, '6to4 relay'],
  ['192.168.1.1', false, 'private'],
  ['198.18.0.1', false, 'benchmarks'],
  ['198.51.100.1', false, 'documentation'],
  ['203.0.113.1', false, 'documentation'],
  ['224.0.0.1', false, 'multicast'],
  ['255.255.255.255', false, 'broadcast'],
  ['::', false, 'unspecified'],
  ['::1', false, 'this machine'],
  ['::127.0.0.1', false, 'IPv4-compatible'],
  ['::ffff:127.0.0.1', false, 'mapped, private'],
  ['::ffff:8.8.8.8', false, 'mapped: DNS never returns it'],
  ['::ffff:a9fe:a9fe', false, 'mapped metadata'],
  ['64:ff9b::7f00:1', false, 'NAT64 of this machine'],
  ['64:ff9b::169.254.169.254', false, 'NAT64 of metadata'],
  ['64:ff9b::', false, 'NAT64 of 0.0.0.0'],
  ['64:ff9b::1', false, 'NAT64 of 0.0.0.1'],
  ['64:ff9b::a00:0', false, 'NAT64 of 10.0.0.0'],
  ['64:ff9b:1::1', false, 'NAT64 of a network of its own'],
  ['100::1', false, 'discarded'],
  ['2001::1', false, 'Teredo'],
  ['2001:10::1', false, 'ORCHID'],
  ['2001:db8::1', false, 'documentation'],
  ['2002:7f00:1::', false, '6to4 of this machine'],
  ['2002:808:808::', false, '6to4'],
  ['3fff::1', false, 'documentation'],
  ['fc00::1', false, 'private'],
  ['fd00:ec2::254', false, 'metadata of AWS'],
  ['fe80::1', false, 'link-local'],
  ['fe80::1%eth0', false, 'link-local with a zone'],
  ['ff02::1', false, 'multicast'],

  ['', undefined, 'nothing'],
  ['example.com', undefined, 'a name'],
  ['010.0.0.1', undefined, 'octal'],
  ['0x7f.1', undefined, 'hexadecimal, which URL turns into an address'],
  ['2130706433', undefined, 'a number, which URL turns into an address'],
]

test.each(rows)('%s: public %s (%s)', (address, expected) => {
  expect(isPublicAddress(address)).toBe(expected)
})

test.each(['http://0x7f.1/', 'http://2130706433/', 'http://0177.0.0.1/', 'http://127.1/'])(
  'an address in %s is written in its usual form by URL',
  (url) => {
    expect(new URL(url).hostname).toBe('127.0.0.1')
  },
)

test.each([
  ['10.0.0.1', true],
  ['100.64.0.1', true],
  ['127.0.0.1', true],
  ['172.31.255.255', true],
  ['192.168.1.1', true],
  ['::1', true],
  ['fd12:3456::1', true],
  ['::ffff:10.0.0.1', true],
  ['8.8.8.8', false],
  ['0.0.0.0', false],
  ['::', false],
  ['100.100.100.200', false],
  ['169.254.169.254', false],
  ['168.63.129.16', false],
  ['192.0.0.192', false],
  ['224.0.0.1', false],
  ['fd00:ec2::254', false],
  ['fd20:ce::254', false],
  ['fe80::1', false],
  ['::ffff:169.254.169.254', false],
  ['::ffff:100.100.100.200', false],
  ['64:ff9b::a00:1', false],
  ['example.com', false],
])('%s is of a private network: %s', (address, expected) => {
  expect(isPrivateAddress(address)).toBe(expected)
})
