import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { KINDS } from '@stillrolling/probe/types'
import { expect, test } from 'vitest'

const docs = readFileSync(new URL('../../docs/probe.md', import.meta.url), 'utf8')
const script = readFileSync(new URL(import.meta.resolve('@stillrolling/probe/probe.iife.js')))

test('docs/probe.md shows the hashed name and the integrity of the script tag as it is built', () => {
  const integrity = `sha384-${createHash('sha384').update(script).digest('base64')}`
  const hash = createHash('sha256').update(script).digest('hex').slice(0, 8)
  expect(docs).toContain(`/probe.${hash}.js"\n  integrity="${integrity}"`)
})

test('docs/probe.md has a row for every kind of expectation', () => {
  const [, section = ''] = docs.split('\n## Expectations\n')
  const rows = [...section.matchAll(/^\| `(\w+)` /gm)].map(([, name]) => name)
  expect(rows.slice(0, KINDS.length).sort()).toEqual([...KINDS].sort())
})

test('the script tag keeps to its budget of 4.25 kB gzip', () => {
  expect(gzipSync(script, { level: 9 }).length).toBeLessThanOrEqual(4250)
})
