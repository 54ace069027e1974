import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const FOLDER = fileURLToPath(new URL('.', import.meta.url))
const files = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' }).filter(
  (file) => file.endsWith('.ts') && !file.endsWith('.test.ts') && !file.startsWith('testing'),
)

test.each(files)('%s imports nothing but files of the package: it runs wherever fetch does', (file) => {
  const text = readFileSync(`${FOLDER}/${file}`, 'utf8')
  const imported = [...text.matchAll(/^(?:import|export)[^;]*? from '([^']+)'/gms)].map(
    ([, from = '']) => from,
  )
  expect(imported.filter((from) => !from.startsWith('./') && !from.startsWith('../'))).toEqual([])
  expect(text).not.toMatch(/\bprocess\.|\bBuffer\.|\brequire\(|\bimport\(/)
})
