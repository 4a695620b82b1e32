import { defineConfig, mergeConfig } from 'vitest/config';
import base from './vite.config.ts';

export default mergeConfig(
  base,
  defineConfig({
    test: {
      environment: 'happy-dom',
      include: ['test/**/*.test.ts'],
      // Element Plus imports its style sheets from within its modules.
      server: { deps: { inline: ['element-plus'] } },
      restoreMocks: true,
    },
  }),
);
