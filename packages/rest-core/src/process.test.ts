import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'

// Leaves behind everything that a client can: a reserved pair (2 s), a sticky host (5 minutes), open connections, and a
// call that was aborted in the quota's queue and one that was aborted in its backoff.
const program = `
import { createCloudRecording, createQuota } from ${JSON.stringify(new URL('./index.ts', import.meta.url).href)}
const baseUrls = ['http://127.0.0.1:1', process.argv[1]]
const account = { appId: 'app1', customerId: 'customer', customerSecret: 'secret' }
const client = createCloudRecording({ ...account, baseUrls, backoffScale: 0, quota: createQuota({ perSecond: 3 }) })
await client.acquire({ cname: 'class42', uid: '900001', clientRequest: { scene: 1 } })
const task = { resourceId: 'r1', sid: 'sid1', mode: 'web' }
await client.query(task)
const abort = new AbortController()
const queued = client.query(task, { signal: abort.signal })
const slow = createCloudRecording({ ...account, baseUrls: ['http://127.0.0.1:1', process.argv[1]], backoffScale: 60 })
const waiting = slow.query(task, { signal: abort.signal })
setTimeout(() => abort.abort(), 100)
const ends = await Promise.allSettled([queued, waiting])
console.log(ends.map(({ reason }) => reason.name).join())
`

test('a client does not keep its process alive', async () => {
  const server = createServer((req, res) => {
    const answer = req.url?.endsWith('/acquire') ? { resourceId: 'r1' } : { serverResponse: { status: 5 } }
    res.end(JSON.stringify(answer))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program, url], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill())
  let printedAt = 0
  let printed = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    printedAt = performance.now()
    printed += text
  })
  const [code] = await once(child, 'close')
  expect({ code, printed }).toEqual({ code: 0, printed: 'AbortedError,AbortedError\n' })
  // The shortest-lived thing that could keep it alive is the pair's reservation.
  expect(performance.now() - printedAt).toBeLessThan(1500)
})
