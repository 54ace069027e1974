import type { Natives } from '../natives.ts'

/** The functions that the first file captured; `createWatch` receives them before anything uses them. */
export let natives: Natives

export const useNatives = (given: Natives): void => {
  natives = given
}
