import { html, raw } from 'hono/html'
import type { ChannelView } from '../types.ts'
import type { CallSummary, Overview, TaskSummary } from './overview.ts'
import type { RouteDescription } from './routes.ts'

// `html` escapes every value that is put into it.
type Html = ReturnType<typeof html>

const STYLE = `
:root { color-scheme: light dark; --line: light-dark(#ccd3da, #3d454d); --soft: light-dark(#f4f6f8, #1e2226); }
body { font: 16px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 68rem; padding: 1.5rem; }
h1 { font-size: 1.5rem; margin: 0; } h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .1rem 1rem; } dd { margin: 0; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .9rem; }
th, td { text-align: left; vertical-align: top; padding: .35rem .75rem .35rem 0; border-bottom: 1px solid var(--line); }
code, pre { font: .85rem/1.45 ui-monospace, monospace; overflow-wrap: anywhere; }
pre { background: var(--soft); padding: .75rem; margin: .25rem 0; overflow-x: auto; overflow-wrap: normal; }
.bad { color: light-dark(#a3150a, #ff8f85); } .good { color: light-dark(#0b6b2c, #6bd68f); }
`

const time = (at: string): Html => html`<time datetime="${at}">${at.slice(11, 19)}</time>`

/** A table that scrolls sideways where the window is narrow, also by keyboard. */
const table = (label: string, columns: readonly string[], rows: readonly Html[]): Html => html`
<div class="wide" role="region" aria-label="${label}" tabindex="0"><table>
<thead><tr>${columns.map((column) => html`<th scope="col">${column}</th>`)}</tr></thead>
<tbody>${rows}</tbody>
</table></div>`

const stateOf = ({ state, stop }: TaskSummary): Html =>
  stop === null
    ? html`<span class="${state === 'recording' ? 'good' : ''}">${state}</span>`
    : html`<span class="${stop.failed ? 'bad' : ''}">${state}, ${stop.reason}</span>`

const taskRow = (task: TaskSummary): Html => html`<tr>
<td>${task.cname} / ${task.uid}</td><td>${stateOf(task)}</td><td>${task.page}</td><td>${time(task.startedAt)}</td>
<td><code>${task.sid}</code><br>${task.records}</td></tr>`

const channelRow = ({ cname, users, tasks }: ChannelView): Html => html`<tr>
<td>${cname}</td><td>${users.length}</td><td>${users.join(', ')}</td><td>${tasks.length}</td></tr>`

const callRow = (call: CallSummary): Html => html`<tr>
<td>${time(call.at)}</td><td>${call.call ?? html`<code>${call.method} ${call.path}</code>`}</td>
<td class="${call.status === 200 ? 'good' : 'bad'}">${call.status ?? 'no answer'}</td><td>${call.detail}</td></tr>`

const routeRow = ({ method, path, does, example }: RouteDescription): Html => html`<tr>
<td><code>${method} ${path}</code>${
  example === undefined
    ? ''
    : html`<details><summary>example body</summary><pre>${JSON.stringify(example, null, 2)}</pre></details>`
}</td><td>${does}</td></tr>`

const ROUTE_COLUMNS = ['route', 'what it does']

/** The overview as a page: without scripts, and without anything to load. */
export const overviewPage = (overview: Overview, baseUrl: string): Html => {
  const { tasks, running, channels, faults, calls, routes } = overview
  return html`<!doctype html>
<html lang="en">
<meta charset="utf-8"><meta name="viewport" content="width=device-width">
<link rel="icon" href="data:,">
<title>${running} running · Agora emulator</title>
<style>${raw(STYLE)}</style>
<main>
<h1>Agora Cloud Recording, emulated</h1>
<dl>
<dt>base URL</dt><dd><code>${baseUrl}</code> instead of <code>https://api.agora.io</code></dd>
<dt>App ID</dt><dd><code>${overview.appId}</code></dd>
<dt>customer ID</dt><dd><code>${overview.customerId}</code>, with its secret as HTTP Basic authentication</dd>
</dl>
<h2>Tasks: ${running} running</h2>
${
  tasks.length === 0
    ? html`<p>No task has been started. The routes below say how: acquire, then start.</p>`
    : table(
        'Tasks',
        ['cname / uid', 'state', 'page', 'started (UTC)', 'sid, and URL without its query, or users'],
        tasks.map(taskRow),
      )
}
${
  channels.length === 0
    ? ''
    : html`<h2>Channels</h2>
${table('Channels', ['channel', 'users', 'their uids', 'tasks'], channels.map(channelRow))}`
}
<h2>Faults: ${faults.length} active</h2>
${faults.length === 0 ? html`<p>None.</p>` : html`<pre>${faults.map((fault) => `${JSON.stringify(fault)}\n`)}</pre>`}
<h2>Last calls</h2>
${
  calls.length === 0
    ? html`<p>None.</p>`
    : table('Last calls', ['at (UTC)', 'call', 'status', 'what was wrong with it'], calls.map(callRow))
}
<h2>Agora's REST API</h2>
<p>Bodies need <code>Content-Type: application/json</code>.</p>
${table('REST API', ROUTE_COLUMNS, routes.rest.map(routeRow))}
<h2>Control API</h2>
<p>It needs no credentials. This overview as JSON: <code>curl -H 'accept: application/json' ${baseUrl}/</code></p>
${table('Control API', ROUTE_COLUMNS, routes.control.map(routeRow))}
</main>
</html>`
}
