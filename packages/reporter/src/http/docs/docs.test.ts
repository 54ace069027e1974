import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { createHarness } from '../../testing/harness.ts'
import type { Described } from './described.ts'
import { docsPage } from './docsPage.ts'

const document = JSON.parse(
  readFileSync(new URL('../../../openapi.json', import.meta.url), 'utf8'),
) as Described
const page = await docsPage(document)

const matches = (text: string, pattern: RegExp): string[] =>
  [...text.matchAll(pattern)].map(([, found = '']) => found)

describe('GET /docs', () => {
  test('is a page for everyone, with nothing inline and nothing from elsewhere', async () => {
    const harness = await createHarness()
    const response = await harness.request('/docs')
    expect(response.status).toBe(200)
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy':
        "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
    })
    expect(await response.text()).toBe(page)
    expect(page).not.toMatch(/<script|<style|<img|<iframe|\sstyle=|\son\w+=|javascript:/i)
    expect(new Set(matches(page, /(?:href|src)="([^"#][^"]*)"/g))).toEqual(
      new Set(['docs/style.css', 'openapi.json']),
    )
  })

  test('has a style sheet', async () => {
    const harness = await createHarness()
    const response = await harness.request('/docs/style.css')
    expect(response.headers.get('content-type')).toBe('text/css; charset=utf-8')
    expect(await response.text()).toContain('color-scheme: light dark')
    const etag = response.headers.get('etag') ?? ''
    const again = await harness.request('/docs/style.css', { headers: { 'if-none-match': etag } })
    expect(again.status).toBe(304)
  })
})

describe('the page', () => {
  test('has every operation, with its parameters and all its responses', () => {
    for (const [path, methods] of Object.entries(document.paths ?? {})) {
      for (const [method, { operationId = '', parameters = [], responses = {} }] of Object.entries(methods)) {
        const call = `<code>${method.toUpperCase()} ${path}</code>`
        const [, article = ''] = page.split(`<h3 id="${operationId.toLowerCase()}">`)
        const [text = ''] = article.split('</article>')
        expect(text).toContain(call)
        for (const { name } of parameters) expect(text).toContain(`<code>${name}</code>`)
        expect(matches(text, /<dt><code>(\w+)<\/code>/g)).toEqual(Object.keys(responses))
      }
    }
  })

  test('has every webhook, every schema with its fields, and every code that a call may have', () => {
    for (const type of Object.keys(document.webhooks ?? {})) expect(page).toContain(`id="webhook-${type}"`)
    for (const [name, { properties = {} }] of Object.entries(document.components?.schemas ?? {})) {
      const [, article = ''] = page.split(`id="schema-${name.toLowerCase()}">`)
      const [text = ''] = article.split('</article>')
      for (const field of Object.keys(properties)) expect(text).toMatch(new RegExp(`<code>${field}[.<]`))
    }
    expect(matches(page, /id="problem-(\w+)"/g)).toEqual(
      expect.arrayContaining(['invalid_api_key', 'recording_ended', 'invalid_request', 'internal_error']),
    )
  })

  test('links only to what it has, and no two elements have the same id', () => {
    const ids = matches(page, /\sid="([^"]+)"/g)
    expect(new Set(ids).size).toBe(ids.length)
    expect(matches(page, /href="#([^"]+)"/g).filter((id) => !ids.includes(id))).toEqual([])
  })

  test('escapes everything that comes from the document', async () => {
    const Mark = `"'><img src=x onerror=alert(1)>`
    const spoil = (value: unknown): unknown => {
      if (typeof value === 'string') return value.startsWith('#/') ? `${value}${Mark}` : `${value}${Mark}`
      if (Array.isArray(value)) return value.map(spoil)
      if (typeof value !== 'object' || value === null) return value
      return Object.fromEntries(
        Object.entries(value).map(([key, each]) => [isName(key) ? key : `${key}${Mark}`, spoil(each)]),
      )
    }
    const spoilt = spoil(document) as Described
    const text = await docsPage({ ...spoilt, tags: [...(spoilt.tags ?? []), ...(document.tags ?? [])] })
    expect(text).not.toContain('<img')
    expect(text).not.toContain(Mark)
    expect(text.split('&lt;img').length).toBeGreaterThan(1000)
  })
})

/** Names that are OpenAPI's, and not the document's own. */
const isName = (key: string): boolean =>
  /^(info|title|description|license|tags|name|paths|webhooks|components|schemas|get|post|patch|put|delete|operationId|summary|security|parameters|in|required|schema|requestBody|content|responses|example|examples|value|status|\$ref|type|enum|default|not|format|pattern|oneOf|anyOf|allOf|properties|additionalProperties|items|prefixItems|const)$/.test(
    key,
  )
