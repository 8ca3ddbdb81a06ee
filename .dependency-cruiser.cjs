// The table of ARCHITECTURE.md, "Who may import whom", once: the rules are made from it.
const folders = {
  engine: { may: [], packages: ['ipaddr.js', '@noble/hashes', '@scure/base', 'pure-rand'] },
  manifest: { may: ['engine'], packages: ['js-yaml'] },
  shell: { may: ['engine', 'manifest'], packages: [] },
  share: { may: ['engine'], packages: ['fflate'] },
  view: { may: ['engine'], packages: ['d3-force', 'd3-hierarchy', 'd3-shape', 'd3-scale', 'd3-interpolate'] },
  bridge: { may: ['engine', 'manifest', 'shell'], packages: [] },
  scenarios: { may: ['engine', 'manifest', 'shell', 'cli'], packages: [] },
  cli: { may: ['engine', 'manifest', 'shell', 'share', 'view', 'bridge'], packages: ['commander'], node: true },
  state: { may: ['engine', 'share', 'view', 'bridge'], packages: ['zustand'] },
  ui: {
    may: ['engine', 'share', 'view', 'state'],
    packages: [
      'react',
      'react-dom',
      'zustand',
      'd3-selection',
      'd3-zoom',
      'monaco-editor',
      '@xterm/xterm',
      '@fontsource-variable/inter',
      '@fontsource-variable/jetbrains-mono',
    ],
  },
}
const engine = {
  base: [],
  packet: ['base'],
  trace: ['base', 'packet'],
  conntrack: ['base', 'packet', 'trace'],
  netfilter: ['base', 'packet', 'trace', 'conntrack'],
  nftables: ['base', 'packet', 'trace', 'conntrack'],
  ipvs: ['base', 'packet', 'trace', 'conntrack'],
  routing: ['base', 'packet', 'trace'],
  dataplane: ['base', 'packet', 'trace', 'conntrack', 'netfilter', 'nftables', 'ipvs', 'routing'],
  api: ['base'],
  store: ['base', 'api'],
  controllers: ['base', 'api', 'store'],
  proxy: ['base', 'api', 'packet', 'netfilter', 'nftables', 'ipvs'],
  cni: ['base', 'api', 'store', 'packet', 'routing', 'dataplane'],
  dns: ['base', 'api', 'store', 'packet', 'trace'],
}
const TEST = '\\.test\\.ts$|\\.bench\\.ts$|/testing/'
const escape = (text) => text.replace(/[.@/]/g, '\\$&')

module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    ...Object.entries(folders).map(([name, { may }]) => ({
      name: `${name}-imports`,
      severity: 'error',
      from: { path: `^src/${name}/`, pathNot: TEST },
      to: { path: '^src/', pathNot: `^src/(${[name, ...may].join('|')})/` },
    })),
    ...Object.entries(folders).map(([name, { packages, node }]) => ({
      name: `${name}-packages`,
      severity: 'error',
      from: { path: `^src/${name}/`, pathNot: TEST },
      to: {
        dependencyTypesNot: ['local', 'type-only', ...(node ? ['core'] : [])],
        pathNot: [
          '^src/',
          ...packages.map((p) => `node_modules/(@types/)?${escape(p)}(/|$)`),
          ...(node ? ['^node:'] : []),
        ],
      },
    })),
    ...Object.entries(engine).map(([name, may]) => ({
      name: `engine-${name}-imports`,
      severity: 'error',
      from: { path: `^src/engine/${name}/`, pathNot: TEST },
      to: { path: '^src/engine/', pathNot: `^src/engine/(${[name, ...may].join('|')})/` },
    })),
    {
      name: 'engine-front-door',
      comment: 'Outside code imports engine/index.ts and engine/base only.',
      severity: 'error',
      from: { path: '^src/(?!engine/)', pathNot: TEST },
      to: { path: '^src/engine/', pathNot: '^src/engine/(index\\.ts|base/)' },
    },
    {
      name: 'types-only-from-the-engine',
      comment: 'The values run in the worker.',
      severity: 'error',
      from: { path: '^src/(share|view|state|ui)/', pathNot: TEST },
      to: {
        path: '^src/(engine/(index|sim|api|proxy|trace|packet)|bridge/(simWorker|run))',
        dependencyTypesNot: ['type-only'],
      },
    },
    { name: 'tests-only', severity: 'error', from: { pathNot: TEST }, to: { path: '^src/engine/testing/' } },
  ],
  options: {
    tsPreCompilationDeps: 'specify',
    tsConfig: { fileName: 'tsconfig.app.json' },
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'types', 'default'] },
  },
}
