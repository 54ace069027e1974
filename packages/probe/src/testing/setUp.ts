import { useNatives } from '../watch/natives.ts'
import { testNatives } from './testNatives.ts'

// In the browser `createWatch` does that; most tests use parts of the second file without it.
useNatives(testNatives)
