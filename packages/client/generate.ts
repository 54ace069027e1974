/** Writes src/generated/ from packages/reporter/openapi.json. `npx -y pnpm@12 openapi` runs it. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { generateClient, type OpenApiDocument } from './generator/generateClient.ts'

const document = JSON.parse(
  readFileSync(new URL('../reporter/openapi.json', import.meta.url), 'utf8'),
) as OpenApiDocument
const folder = new URL('src/generated/', import.meta.url)
mkdirSync(folder, { recursive: true })
for (const [name, text] of Object.entries(generateClient(document))) {
  writeFileSync(new URL(name, folder), text)
}
