/** What the examples of a package run on: an emulator in this process, a page in happy-dom, or plain values. */
export interface Stage {
  /** The values that an example may use without declaring them. */
  names: object
  /** Waits for an example; a stage with a simulated clock lets time pass meanwhile. */
  run<Result>(work: Promise<Result>): Promise<Result>
  close(): Promise<void>
}
