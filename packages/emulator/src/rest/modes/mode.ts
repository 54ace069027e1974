import type { RunningTask } from '../../task/runningTask.ts'
import type { Answer } from '../answers.ts'
import type { CallContext } from '../callContext.ts'
import type { Identity } from '../requests/common.ts'
import type { Resource } from '../resources.ts'

/** A start whose request is valid. */
export interface StartPlan extends Identity {
  /** Creates the task of this resource; the caller adds it to the others. */
  create(resource: Resource): RunningTask
}

/** What a mode makes of the calls that differ between modes. */
export interface ModeCalls {
  /** The `scene` of acquire that resources for this mode have. */
  scenes: readonly number[]
  /** Checks the body of a start. */
  readStart(body: unknown, context: CallContext): StartPlan | Answer
}
