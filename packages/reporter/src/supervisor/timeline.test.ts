import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { TIMELINE_CODES } from './timeline.ts'

test('docs/behaviour.md lists every timeline code with its meaning, and no other', () => {
  const page = readFileSync(new URL('../../../../docs/behaviour.md', import.meta.url), 'utf8')
  const [, section = ''] = page.split('\n## Timeline\n')
  const rows = [...section.matchAll(/^\| `([a-z_]+\.[a-z_]+)` *\| (.*?) *\|$/gm)]
  expect(rows.map(([, code, meaning]) => [code, meaning])).toEqual(Object.entries(TIMELINE_CODES))
})
