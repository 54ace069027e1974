import { startEmulator } from '../startEmulator.ts'
import { CREDENTIALS, startTask } from './client.ts'

// A program that embeds the emulator, starts a task and installs no signal handler. browser.test.ts runs it with the
// page's URL as the argument. It prints "recording" when the task is recording.
const emulator = await startEmulator({ ...CREDENTIALS, openDelay: 0 })
await startTask(emulator.url, { web: { url: process.argv[2] } })
const timer = setInterval(() => {
  if (emulator.tasks()[0]?.state !== 'recording') return
  clearInterval(timer)
  console.log('recording')
}, 20)
