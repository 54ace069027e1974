import { startEmulator } from '../startEmulator.ts'
import { APP_PATH, authorization, CREDENTIALS, startRequest } from './client.ts'

// A program that embeds the emulator, opens a page in it and installs no signal handler. Run by browser.test.ts with
// the page's URL; says "recording" once the page is open.
const emulator = await startEmulator({ ...CREDENTIALS, openDelay: 0 })
const post = async (path: string, clientRequest: unknown): Promise<string> => {
  const response = await fetch(emulator.url + APP_PATH + path, {
    method: 'POST',
    headers: { authorization: authorization() },
    body: JSON.stringify({ cname: 'class42', uid: '1', clientRequest }),
  })
  const { resourceId } = (await response.json()) as { resourceId: string }
  return resourceId
}
const resourceId = await post('/acquire', { scene: 1 })
await post(`/resourceid/${resourceId}/mode/web/start`, startRequest({ web: { url: process.argv[2] } }))
const timer = setInterval(() => {
  if (emulator.tasks()[0]?.state !== 'recording') return
  clearInterval(timer)
  console.log('recording')
}, 20)
