/** Warns the page's developer on the console, which the page may have replaced by one that throws. */
export const warn = (fault: unknown): void => {
  try {
    console.warn('[stillrolling]', fault)
  } catch {
    // There is no other way to report it.
  }
}

/** Wraps a function that foreign code calls: what it throws goes to `onFault`, never to the caller. */
export const guard =
  <A extends unknown[]>(run: (...args: A) => void, onFault: (fault: unknown) => void = warn) =>
  (...args: A): void => {
    try {
      run(...args)
    } catch (fault) {
      onFault(fault)
    }
  }
