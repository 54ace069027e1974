import { FILES } from './files.ts'
import { testMutations } from './testMutations.ts'

testMutations(FILES)
