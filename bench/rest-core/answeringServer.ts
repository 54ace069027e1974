import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

// The server of the cost benchmark, in a separate process. It answers each call immediately, as Agora would.

const answers = {
  acquire: JSON.stringify({ cname: 'class42', uid: '900001', resourceId: 'resource1' }),
  start: JSON.stringify({ cname: 'class42', uid: '900001', resourceId: 'resource1', sid: 'sid1' }),
  query: JSON.stringify({
    cname: 'class42',
    uid: '900001',
    resourceId: 'resource1',
    sid: 'sid1',
    serverResponse: {
      status: 5,
      extensionServiceState: [
        {
          serviceName: 'web_recorder_service',
          payload: {
            state: 'inProgress',
            onhold: false,
            fileList: [
              { filename: 'sid1_class42.m3u8', sliceStartTime: 1_800_000_000 },
              { filename: 'sid1_class42_0.mp4', sliceStartTime: 1_800_000_000 },
            ],
          },
        },
      ],
    },
  }),
  stop: JSON.stringify({ resourceId: 'resource1', sid: 'sid1', serverResponse: {} }),
}

const server = createServer((req, res) => {
  // The body must be read to its end, or the connection could not be reused.
  req.resume().on('end', () => {
    const call = req.url?.slice(req.url.lastIndexOf('/') + 1) as keyof typeof answers
    res.writeHead(200, { 'content-type': 'application/json' }).end(answers[call])
  })
})

server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo
  process.send?.(`http://127.0.0.1:${port}`)
})

process.on('disconnect', () => process.exit())
