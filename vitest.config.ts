import { defineConfig } from 'vitest/config'

/** They run on a real PostgreSQL as well, which one setup starts for all of them. */
const ON_POSTGRES = ['store/store*', 'store/postgres/*', 'runtime/attemptOf'].map(
  (name) => `packages/reporter/src/${name}.test.ts`,
)

export default defineConfig({
  test: {
    globalSetup: ['test/buildProbe.ts'],
    projects: [
      {
        test: {
          name: 'node',
          include: ['packages/{rest-core,emulator,reporter,client}/src/**/*.test.ts'],
          exclude: ON_POSTGRES,
          testTimeout: 20_000,
        },
      },
      {
        test: {
          name: 'postgres',
          include: ON_POSTGRES,
          globalSetup: ['packages/reporter/src/testing/postgresSetup.ts'],
          testTimeout: 20_000,
        },
      },
      {
        test: {
          name: 'happy-dom',
          environment: 'happy-dom',
          include: ['packages/probe/src/**/*.test.ts'],
          setupFiles: ['happyDom', 'setUp'].map((name) => `packages/probe/src/testing/${name}.ts`),
        },
      },
      {
        // Whole-system tests: a real Chromium, real processes. Two files at a time: mostly they wait.
        test: {
          name: 'system',
          include: ['test/**/*.test.ts'],
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
})
