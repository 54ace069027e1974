import type { WatchOptions } from '../watchTypes.ts'

type Natives = WatchOptions['natives']

/** The functions that the first file captured; `createWatch` receives them before anything uses them. */
export let natives: Natives
/** Those that are used most. */
export let array: Natives['Array']
export let string: Natives['String']

export const useNatives = (given: Natives): void => {
  natives = given
  array = given.Array
  string = given.String
}
