/** Says something to the developer of the page, who may have replaced the console by something that throws. */
export const warn = (fault: unknown): void => {
  try {
    console.warn('[stillrolling]', fault)
  } catch {
    // Then there is nobody to tell.
  }
}

/** Wraps a function that others call: what it throws goes to `onFault`, never to the caller. */
export const guard =
  <A extends unknown[]>(run: (...args: A) => void, onFault: (fault: unknown) => void = warn) =>
  (...args: A): void => {
    try {
      run(...args)
    } catch (fault) {
      onFault(fault)
    }
  }
