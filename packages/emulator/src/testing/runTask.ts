import { startEmulator } from '../startEmulator.ts'
import { CREDENTIALS, startTask } from './client.ts'

// A program that embeds the emulator, opens a page in it and installs no signal handler. Run by browser.test.ts with
// the page's URL; says "recording" once the page is open.
const emulator = await startEmulator({ ...CREDENTIALS, openDelay: 0 })
await startTask(emulator.url, { web: { url: process.argv[2] } })
const timer = setInterval(() => {
  if (emulator.tasks()[0]?.state !== 'recording') return
  clearInterval(timer)
  console.log('recording')
}, 20)
