import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface PageServer {
  url: string
  /** What the pages have reported, in order. */
  reports: string[]
  close(): Promise<void>
}

/** Serves `pages` by path. A script in them can call `report('…')`. */
export const servePages = async (pages: Record<string, string>): Promise<PageServer> => {
  const reports: string[] = []
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost')
    if (pathname === '/report') {
      const chunks: Buffer[] = []
      for await (const chunk of request) chunks.push(chunk)
      reports.push(Buffer.concat(chunks).toString())
      response.end()
      return
    }
    const page = pages[pathname]
    response.writeHead(page === undefined ? 404 : 200, { 'content-type': 'text/html' })
    response.end(
      `<script>const report = (text) => fetch('/report', { method: 'POST', body: String(text) })</script>${page}`,
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    reports,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
