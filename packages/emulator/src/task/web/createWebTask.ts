import type { PageOpener } from '../../browser/pageOpener.ts'
import type { Recorder, RecorderSignal } from '../../recorder/recorder.ts'
import type { S3Target } from '../../recorder/s3Target.ts'
import { baseName } from '../fileNames.ts'
import { createMachine, type Machine, type TaskEnvironment } from '../machine.ts'
import type { RunningTask } from '../runningTask.ts'
import { recorderState, rtmpState } from './extensionState.ts'
import { runPageCommand } from './pageCommands.ts'
import { hasRecorded, webFiles } from './webFiles.ts'
import { createWebPage } from './webPage.ts'
import { webStep } from './webStep.ts'
import { hasFailed, type WebAction, type WebInput, type WebTask, type WebTimer } from './webTask.ts'
import { uploadsOf } from './webUploads.ts'
import { viewWebTask, webStatus } from './webView.ts'

/** What the tasks of web pages need from the emulator. */
export interface WebEnvironment extends TaskEnvironment {
  pageOpener: PageOpener
  /** Whether pages are opened in a browser. */
  browser: boolean
  /** Null: no files are written. */
  recorder: Recorder | null
}

/** A task of a web page, for the requests that change it. */
export interface WebTaskControls {
  task(): WebTask
  send(input: WebInput): void
  /** Uploads the task's files into another bucket, or with other keys. */
  setTarget(target: S3Target | null): void
}

export interface CreatedWebTask extends WebTaskControls {
  running: Omit<RunningTask, 'readUpdate' | 'readLayout'>
}

/** @param target the bucket that files are uploaded to; null if they are not */
export const createWebTask = (
  initial: WebTask,
  target: S3Target | null,
  environment: WebEnvironment,
): CreatedWebTask => {
  const { clock, pageOpener, browser } = environment
  // Deferred: a recorder may report while an action is being carried out, and the actions after it come first.
  const onSignal = (signal: RecorderSignal) => queueMicrotask(() => machine.send(signal))
  const recorder = environment.recorder?.record({ ...initial, baseName: baseName(initial), target }, onSignal)
  const task = (): WebTask => machine.task()
  const send = (input: WebInput): void => machine.send(input)
  const page = createWebPage({ opener: pageOpener, screencast: recorder?.screencast, task, send })

  const carryOut = (action: WebAction): void => {
    switch (action.type) {
      case 'loadPage':
        void page.load()
        break
      case 'closePage':
        page.close()
        break
      case 'startRecorder':
        recorder?.start()
        break
      case 'pauseRecorder':
        recorder?.pause()
        break
      case 'finishRecorder':
        recorder?.finish()
        break
      case 'abortRecorder':
        recorder?.abort()
        break
      case 'holdUpload':
        recorder?.holdUpload(action.held)
        break
      case 'finishUpload':
        recorder?.finishUpload()
        break
    }
  }

  const machine: Machine<WebTask, WebInput> = createMachine<WebTask, WebInput, WebAction>(
    initial,
    {
      step: webStep,
      carryOut,
      timerFired: (timer) => ({ type: 'timerFired', timer: timer as WebTimer }),
    },
    environment,
  )

  return {
    task,
    send,
    setTarget: (next) => recorder?.setTarget(next),
    running: {
      facts: task,
      view: () => viewWebTask(task(), clock.now()),
      send,
      ended: machine.ended,
      close: machine.close,
      stop: (code) => send({ type: 'stopRequested', code }),
      refuseStopCode: () => null,
      refuseFailover: () =>
        recorder ? 'no other server can take over while recordings are written (--record)' : null,
      commandPage: (command) => runPageCommand({ task, page, send, browser }, command),
      channel: null,
      status: () => webStatus(task()),
      queried: () => ({
        extensionServiceState: [recorderState(task(), clock.now()), ...rtmpState(task())],
      }),
      stopped: (uploadingStatus) => ({
        extensionServiceState: [
          { serviceName: 'upload_service', payload: { uploadingStatus } },
          recorderState(task(), clock.now()),
        ],
      }),
      queryableAfterEndMs: 0,
      hasRecorded: () => hasRecorded(task()),
      hasFiles: () => webFiles(task(), clock.now()).length > 0,
      hasFailed: () => hasFailed(task()),
      uploads: () => uploadsOf(task()),
    },
  }
}
