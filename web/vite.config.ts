import vue from '@vitejs/plugin-vue';
import { ElementPlusResolver } from 'unplugin-vue-components/resolvers';
import components from 'unplugin-vue-components/vite';
import { defineConfig, type ProxyOptions } from 'vite';

// The server that answers while developing: `QIPAN_SERVER=http://127.0.0.1:8080 npm run dev`.
const SERVER = process.env.QIPAN_SERVER ?? 'http://127.0.0.1:8080';

const proxy: Record<string, ProxyOptions> = {
  '/api': {
    target: SERVER,
    configure(proxy) {
      // Writes are accepted only from the server's own origin.
      proxy.on('proxyReq', (request) => {
        if (request.getHeader('origin')) request.setHeader('origin', SERVER);
      });
    },
  },
};

// What the server itself sends with the desk, so that a preview fails where it would.
const CSP = [
  "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data: blob:",
  "connect-src 'self'", "font-src 'self'", "base-uri 'none'", "form-action 'self'",
  "frame-ancestors 'none'", "worker-src 'self'", "frame-src 'self' blob:",
].join('; ');

export default defineConfig({
  base: '/desk/',
  plugins: [
    vue(),
    // Only the parts of Element Plus that a template names, with their own style sheets.
    components({ dirs: [], dts: false, resolvers: [ElementPlusResolver({ importStyle: 'css' })] }),
  ],
  resolve: { alias: { '@': new URL('./src', import.meta.url).pathname } },
  server: { proxy, port: 5173, host: '127.0.0.1' },
  preview: { proxy, port: 4173, host: '127.0.0.1', headers: { 'Content-Security-Policy': CSP } },
  build: {
    outDir: 'dist',
    sourcemap: false,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // Every page needs the first two; the third comes with the pages that draw.
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            { name: 'vue', test: /node_modules\/(?:@vue|vue|vue-router|pinia|openapi-fetch)\//, priority: 3 },
            { name: 'echarts', test: /node_modules\/(?:echarts|zrender|tslib)\//, priority: 3 },
            { name: 'desk', test: /\/src\/(?:api|components(?!\/chart)|composables|stores|i18n\/(?:index|zh-CN))/, priority: 2 },
          ],
        },
      },
    },
    // ECharts is one piece, fetched only to draw.
    chunkSizeWarningLimit: 650,
    // What the bundle carries of others, and under which licences.
    license: { fileName: 'licenses.md' },
  },
});
