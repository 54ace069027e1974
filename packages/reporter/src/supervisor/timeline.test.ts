import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { TIMELINE_CODES, TIMELINE_LEVELS } from './timeline.ts'

test('docs/behaviour.md lists every timeline code with its meaning, and no other', () => {
  const page = readFileSync(new URL('../../../../docs/behaviour.md', import.meta.url), 'utf8')
  const [, section = ''] = page.split('\n## Timeline\n')
  const rows = [...section.matchAll(/^\| `([a-z_]+\.[a-z_]+)` *\| (.*?) *\|$/gm)]
  expect(rows.map(([, code, meaning]) => [code, meaning])).toEqual(Object.entries(TIMELINE_CODES))
})

test('every timeline code has a log level, and what a person must act on is at warn or error', () => {
  expect(Object.keys(TIMELINE_LEVELS)).toEqual(Object.keys(TIMELINE_CODES))
  const mustBeSeen = ['attempt.failed', 'recording.gave_up', 'recording.failed', 'attention.raised'] as const
  for (const code of mustBeSeen) expect(TIMELINE_LEVELS[code]).toMatch(/warn|error/)
})

test('docs/configuration.md lists the codes of each level but info', () => {
  const page = readFileSync(new URL('../../../../docs/configuration.md', import.meta.url), 'utf8')
  for (const level of ['error', 'warn', 'debug'] as const) {
    const [, codes = ''] = new RegExp(`^\\| \`${level}\` *\\|[^|]*\\|([^|]*)\\|`, 'm').exec(page) ?? []
    const listed = [...codes.matchAll(/`([a-z_.]+)`/g)].map(([, code]) => code)
    const expected = Object.entries(TIMELINE_LEVELS).filter(([, each]) => each === level)
    expect(listed.toSorted()).toEqual(expected.map(([code]) => code).toSorted())
  }
})
