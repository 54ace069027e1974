import { html } from 'hono/html'
import type { Described, DescribedOperation } from './described.ts'
import { type OperationPlace, operationView } from './operationView.ts'
import { fieldsView } from './schemaView.ts'
import { type Html, inline, paragraphs, slug } from './text.ts'

/**
 * The page of an OpenAPI document: operations by tag, webhooks, schemas and problem codes. It is complete without a script,
 * and refers only to its style sheet and to the document itself.
 */
export const docsPage = async (document: Described): Promise<string> => {
  const { info } = document
  const sections = [
    ...operationSections(document),
    { id: 'schemas', title: 'Schemas', entries: schemaEntries(document), body: html`` },
    { id: 'problems', title: 'Problem codes', entries: [], body: problemsView(document) },
  ]
  const page = html`<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>${info.title}: API</title>
    <link rel="stylesheet" href="docs/style.css">
  </head>
  <body>
    <a class="skip" href="#content">Skip to the content</a>
    <header>
      <h1>${info.title}</h1>
      ${paragraphs(info.description)}
      <p><a href="openapi.json">openapi.json</a> is the OpenAPI document that this page is made from.</p>
    </header>
    <nav aria-label="Contents">
      <ul>${sections.map(
        ({ id, title, entries }) => html`
          <li>
            <a href="#${id}">${title}</a>
            <ul>${entries.map((entry) => html`<li><a href="#${entry.id}">${inline(entry.title)}</a></li>`)}</ul>
          </li>`,
      )}</ul>
    </nav>
    <main id="content" tabindex="-1">${sections.map(
      ({ id, title, entries, body }) => html`
        <section aria-labelledby="${id}">
          <h2 id="${id}">${title}</h2>
          ${body}
          ${entries.map(({ view }) => view)}
        </section>`,
    )}</main>
  </body>
</html>
`
  return String(await page)
}

interface Entry {
  id: string
  title: string
  view: Html
}

interface Section {
  id: string
  title: string
  entries: Entry[]
  body: Html
}

/** One for each tag. */
const operationSections = ({ tags = [], paths = {}, webhooks = {} }: Described): Section[] => {
  const places: OperationPlace[] = [
    ...Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({
        ...{ id: slug(operation.operationId ?? `${method} ${path}`), operation },
        call: `${method.toUpperCase()} ${path}`,
      })),
    ),
    ...Object.entries(webhooks).flatMap(([type, { post }]) =>
      post
        ? [
            {
              id: `webhook-${slug(type)}`,
              call: type,
              operation: { ...post, summary: type, description: sentence(post.summary) },
            },
          ]
        : [],
    ),
  ]
  return tags.map(({ name, description }) => ({
    id: slug(name),
    title: name,
    body: html`${paragraphs(description)}`,
    entries: places
      .filter(({ operation }) => operation.tags?.includes(name))
      .map((place) => ({
        id: place.id,
        title: place.operation.summary ?? place.call,
        view: operationView(place),
      })),
  }))
}

const sentence = (text = ''): string => `${text.slice(0, 1).toUpperCase()}${text.slice(1)}.`

const schemaEntries = ({ components = {} }: Described): Entry[] =>
  Object.entries(components.schemas ?? {}).map(([name, schema]) => {
    const id = `schema-${slug(name)}`
    const view = html`
      <article aria-labelledby="${id}">
        <h3 id="${id}">${name}</h3>
        ${paragraphs(schema.description)}
        ${fieldsView(schema, `Fields of ${name}`)}
      </article>`
    return { id, title: name, view }
  })

/** Those that the operations name. */
const problemsView = ({ paths = {} }: Described): Html => {
  const operations = Object.values(paths).flatMap((methods) => Object.values(methods))
  const codes = new Map(operations.flatMap(problemsOf).map((each) => [each.code, each]))
  const sorted = [...codes.values()].toSorted((one, other) => one.status - other.status)
  return html`<table>
    <caption>When a problem has which code</caption>
    <thead><tr><th scope="col">Code</th><th scope="col">Status</th><th scope="col">When</th></tr></thead>
    <tbody>${sorted.map(
      ({ code, status, summary }) => html`
        <tr><th scope="row" id="problem-${code}"><code>${code}</code></th><td>${status}</td><td>${inline(summary)}</td></tr>`,
    )}</tbody>
  </table>`
}

const problemsOf = ({
  responses = {},
}: DescribedOperation): { code: string; status: number; summary: string }[] =>
  Object.values(responses).flatMap(({ content = {} }) =>
    Object.entries(content['application/problem+json']?.examples ?? {}).map(
      ([code, { summary = '', value }]) => ({
        ...{ code, summary },
        status: (value as { status: number }).status,
      }),
    ),
  )
