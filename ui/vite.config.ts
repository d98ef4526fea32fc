import react from '@vitejs/plugin-react'
import { defineConfig } from 'vitest/config'

// In development the desk runs on its own port and passes on what the server answers, so that the session cookie belongs to one origin.
const api = process.env.SENTINAI_API ?? 'http://localhost:8000'

export default defineConfig({
  plugins: [react()],
  server: {
    port: 5173,
    strictPort: true,
    proxy: {
      ...Object.fromEntries(
        ['^/v1/', '^/exceptions/', '^/health', '^/openapi.json$'].map((path) => [path, { target: api }]),
      ),
      // The reference page of the sources, as the server serves the built one.
      '^/docs$': { target: api, bypass: () => '/docs.html' },
    },
  },
  build: {
    target: 'es2023',
    // Fonts stay files: a content security policy without `data:` must suffice.
    assetsInlineLimit: 0,
    rolldownOptions: { input: ['index.html', 'docs.html'] },
  },
  // Slow machines pass too.
  test: { testTimeout: 60_000, include: ['src/**/*.test.{ts,tsx}'] },
})
