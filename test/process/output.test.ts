import { openTestbed, type Testbed } from '@stillrolling/examples/testbed'
import { afterEach, expect, test, vi } from 'vitest'
import { record, sidOf, waitUntilRolling, waitUntilState } from './recordings.ts'

let testbed: Testbed | undefined

afterEach(async () => {
  await testbed?.close()
  testbed = undefined
})

/** The attention codes, each with its attempts, and how many files there are of each upload status. */
const waitForOutput = async (
  { api }: Testbed,
  id: string,
  expected: { attention: [string, number[]][]; uploads: string[] },
): Promise<void> => {
  const output = async () => {
    const { attention, files } = await api.get(id)
    return {
      attention: attention.map(({ code, attempts }) => [code, attempts]),
      uploads: [...new Set(files.map(({ upload }) => upload))],
    }
  }
  await vi.waitFor(async () => expect(await output()).toEqual(expected), { timeout: 30_000, interval: 50 })
}

test('uploads that fail raise attention, which ends with the upload or outlasts the recording', async () => {
  testbed = await openTestbed({ probe: 'own', emulator: { openDelay: 0 } })
  const { api, emulator } = testbed
  await record(testbed, 'lesson')
  await waitUntilRolling(testbed, 'lesson')
  const sid = await sidOf(testbed, 'lesson')
  await emulator.runCommand(sid, { do: 'uploads', as: 'failing' })
  await waitForOutput(testbed, 'lesson', { attention: [['upload_failing', [1]]], uploads: ['unknown'] })
  await emulator.runCommand(sid, { do: 'uploads', as: 'ok' })
  await waitForOutput(testbed, 'lesson', { attention: [], uploads: ['unknown'] })

  await emulator.runCommand(sid, { do: 'uploads', as: 'credentialsExpired' })
  await waitForOutput(testbed, 'lesson', { attention: [['upload_failing', [1]]], uploads: ['unknown'] })
  await emulator.runCommand(sid, { do: 'uploads', as: 'backedUp' })
  await api.stop('lesson')
  await waitUntilState(testbed, 'lesson', { state: 'stopped', attempts: 1 })
  await waitForOutput(testbed, 'lesson', { attention: [['uploads_backuped', [1]]], uploads: ['backed_up'] })
  expect(await api.get('lesson')).toMatchObject({ attempts: [{ uploadingStatus: 'unknown' }] })
})

test('a task without a file raises attention, and with onNoFiles: restart another one takes over', async () => {
  testbed = await openTestbed({ probe: 'own', emulator: { openDelay: 0 } })
  const { api, emulator } = testbed
  await record(testbed, 'lesson', { fileTimeout: 4, onNoFiles: 'restart', queryInterval: 60 })
  await vi.waitFor(async () => expect(await sidOf(testbed as Testbed, 'lesson')).toMatch(/./), 20_000)
  await emulator.runCommand(await sidOf(testbed, 'lesson'), { do: 'uploads', as: 'noFiles' })
  await waitUntilState(testbed, 'lesson', { state: 'rolling', attempts: 2 })
  expect(await api.get('lesson')).toMatchObject({
    attempts: [{ endReason: { code: 'no_files' } }, { candidateFor: { code: 'no_files' } }],
  })
  // The second one's playlist is listed within its fileTimeout.
  await waitForOutput(testbed, 'lesson', { attention: [['no_files', [1]]], uploads: ['unknown'] })
  await api.stop('lesson')
  await waitUntilState(testbed, 'lesson', { state: 'stopped', attempts: 2 })
  await waitForOutput(testbed, 'lesson', { attention: [['no_files', [1]]], uploads: ['uploaded'] })
})
