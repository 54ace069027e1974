import { html } from 'hono/html'
import type { DescribedContent, DescribedOperation, DescribedParameter } from './described.ts'
import { fieldsView, noteOf, typeView } from './schemaView.ts'
import { type Html, inline, paragraphs } from './text.ts'

export interface OperationPlace {
  /** Of its element. */
  id: string
  /** `GET /v1/summary`; the type of a webhook. */
  call: string
  operation: DescribedOperation
}

export const operationView = ({ id, call, operation }: OperationPlace): Html => {
  const { summary, description, security = [], parameters = [], requestBody, responses = {} } = operation
  const isSecured = security.length > 0
  return html`
    <article aria-labelledby="${id}">
      <h3 id="${id}">${inline(summary ?? call)}</h3>
      <p class="call"><code>${call}</code>${isSecured ? html` <span>needs a key</span>` : ''}</p>
      ${paragraphs(description)}
      ${parameters.length > 0 ? parametersView(parameters) : ''}
      ${requestBody ? bodyView('Request body', requestBody.content) : ''}
      <h4>Responses</h4>
      <dl>${Object.entries(responses).map(([status, { description: meaning, content }]) => responseView(status, meaning, content))}</dl>
    </article>`
}

const parametersView = (parameters: readonly DescribedParameter[]): Html => html`
  <h4>Parameters</h4>
  <table>
    <caption>Parameters of the path, the query and the headers</caption>
    <thead><tr><th scope="col">Parameter</th><th scope="col">Type</th><th scope="col">Meaning</th></tr></thead>
    <tbody>${parameters.map(
      ({ name, in: place, required = false, schema, description }) => html`
        <tr>
          <th scope="row"><code>${name}</code> <span>${place}</span></th>
          <td>${typeView(schema)}${noteOf(schema, required)}</td>
          <td>${inline(description)}</td>
        </tr>`,
    )}</tbody>
  </table>`

const bodyView = (title: string, content: DescribedContent = {}): Html => html`
  <h4>${title}</h4>
  ${Object.entries(content).map(([type, { schema = {}, example }]) =>
    schema.properties
      ? html`${fieldsView(schema, `Fields of ${type}`)}${exampleView(example)}`
      : html`<p><code>${type}</code>: ${typeView(schema)}</p>${exampleView(example)}`,
  )}`

const responseView = (status: string, meaning: string, content: DescribedContent = {}): Html => html`
  <dt><code>${status}</code></dt>
  <dd>
    <p>${inline(meaning)}</p>
    ${Object.entries(content).map(([type, { schema = {}, example, examples }]) =>
      examples
        ? html`<ul>${Object.entries(examples).map(
            ([code, { summary }]) =>
              html`<li><a href="#problem-${code}"><code>${code}</code></a>: ${inline(summary)}</li>`,
          )}</ul>`
        : html`<p><code>${type}</code>: ${typeView(schema)}</p>${exampleView(example)}`,
    )}
  </dd>`

const exampleView = (example: unknown): Html =>
  example === undefined
    ? html``
    : html`<details><summary>Example</summary><pre><code>${JSON.stringify(example, null, 2)}</code></pre></details>`
