import ts from 'typescript'

/** A source file with what the walls ask about. The path of a package's file is relative to `packages/`. */
export interface SourceFile {
  readonly path: string
  readonly lines: number
  readonly imports: readonly Import[]
  /** Names that are used (not declared members, not in comments or strings), with `a.b` for accesses. */
  readonly names: ReadonlySet<string>
  /** Constructs the house does without: `enum`, `namespace`, `any`, `default export`, `new Date()`. */
  readonly constructs: ReadonlySet<string>
}

export interface Import {
  readonly from: string
  readonly isType: boolean
  readonly isDynamic: boolean
}

export interface Rule {
  readonly name: string
  /** Whether it is asked of tests, benches, demo and scripts, too, and not of the packages alone. */
  readonly holdsEverywhere?: true
  /** What is wrong with the file, in words; empty when nothing is. */
  readonly check: (file: SourceFile) => readonly string[]
}

export function scan(path: string, text: string): SourceFile {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, true)
  const imports: Import[] = []
  const names = new Set<string>()
  const constructs = new Set<string>()
  const visit = (node: ts.Node): void => {
    const found = readImport(node)
    if (found) imports.push(found)
    const construct = readConstruct(node)
    if (construct) constructs.add(construct)
    for (const name of readNames(node)) names.add(name)
    ts.forEachChild(node, visit)
  }
  visit(source)
  return { path, lines: text.replace(/\n$/, '').split('\n').length, imports, names, constructs }
}

const packageImports: Record<string, readonly (string | RegExp)[]> = {
  protocol: [],
  engine: [
    '@taskloom/protocol',
    /^node:/,
    'better-sqlite3',
    'croner',
    'devalue',
    'ws',
    'papaparse',
    '@taskloom/client',
  ],
  client: ['@taskloom/protocol', 'eventsource-parser', 'papaparse', 'idb-keyval'],
  dashboard: ['@taskloom/protocol', '@taskloom/client', /^lit(\/|$)/, '@lit/task'],
  testkit: ['@taskloom/protocol', /^@taskloom\/engine(\/|$)/, 'vitest', /^node:/],
}

const optionalDrivers = ['pg', 'mysql2', 'mysql2/promise', 'ioredis', 'bullmq']
/** The host's own, loaded where it is there; the compiler is not to look for it. */
const optionalPeer = '@opentelemetry/api'
const peerLoader = 'engine/src/observe/otel/api.ts'
const worldNames = [
  'Date.now',
  'Math.random',
  'performance.now',
  'setTimeout',
  'setInterval',
  'setImmediate',
  'process',
]
const domNames = [
  'HTMLElement',
  'Element',
  'customElements',
  'ShadowRoot',
  'document.querySelector',
  'document.createElement',
]
const storageNames = [
  'fetch',
  'localStorage',
  'sessionStorage',
  'indexedDB',
  'EventSource',
  'WebSocket',
  'XMLHttpRequest',
]
/** Import the modules of the host's functions, and those that are named on the command line. */
const moduleLoaders: readonly string[] = ['engine/src/run/pool/load-function.ts', 'engine/src/cli/load-module.ts']
/** What runs alone in its thread or process may end it and take its output. */
const worldly: readonly string[] = [
  'engine/src/run/pool/thread-worker.ts',
  'engine/src/run/pool/process-worker.ts',
  // Says whether the host is in production, for a default that must be safe without being asked for.
  'engine/src/host-environment.ts',
]
const webSocketAdapter = 'engine/src/adapters/ws.ts'
const emptyWords = /(^|\/)(utils?|helpers?|common|misc|types)\.(ts|mts|tsx|js|mjs)$/

export const rules: readonly Rule[] = [
  {
    name: 'a package imports only what the package table allows',
    check: (file) => {
      const allowed = packageImports[packageOf(file)] ?? []
      return foreign(file)
        .filter(({ isDynamic }) => !(isDynamic && moduleLoaders.includes(file.path)))
        .filter(({ from, isDynamic }) => !(isDynamic && from === optionalPeer && file.path === peerLoader))
        .filter(({ from, isDynamic, isType }) => !((isDynamic || isType) && optionalDrivers.includes(from)))
        .filter(({ from }) => !matches(from, allowed))
        .map(({ from }) => `imports ${from}`)
    },
  },
  {
    name: 'no import leaves its package by a path',
    check: (file) =>
      file.imports.filter(isRelative).flatMap((entry) => {
        const target = resolve(file, entry)
        return target.startsWith(`${packageOf(file)}/src/`) || target.endsWith('/package.json')
          ? []
          : [`imports ${entry.from}`]
      }),
  },
  {
    name: 'relative imports name the .ts file',
    check: (file) =>
      file.imports
        .filter((entry) => isRelative(entry) && !/\.(ts|json)$/.test(entry.from))
        .map(({ from }) => `imports ${from}`),
  },
  inRoom('engine/src/core/', {
    name: 'core/ imports core and the protocol, croner and devalue, and node:crypto as types',
    check: (file) =>
      file.imports.flatMap((entry) => {
        if (isRelative(entry))
          return resolve(file, entry).startsWith('engine/src/core/') ? [] : [`imports ${entry.from}`]
        if (entry.from === 'node:crypto' && entry.isType) return []
        return ['@taskloom/protocol', 'croner', 'devalue'].includes(entry.from) ? [] : [`imports ${entry.from}`]
      }),
  }),
  inRoom('engine/src/core/', {
    name: 'core/ has no clock, no chance and no world of its own',
    check: (file) => [...uses(file, worldNames), ...(file.constructs.has('new Date()') ? ['uses new Date()'] : [])],
  }),
  inRoom('engine/src/stores/', {
    name: 'stores/ never import run/, server/ or adapters/',
    check: (file) => reaches(file, ['engine/src/run/', 'engine/src/server/', 'engine/src/adapters/']),
  }),
  inRoom('engine/src/stores/', {
    name: 'stores/ load drivers of other databases lazily',
    check: (file) =>
      file.imports
        .filter(({ from, isType, isDynamic }) => optionalDrivers.includes(from) && !isType && !isDynamic)
        .map(({ from }) => `imports ${from} at load`),
  }),
  inRoom('engine/src/server/', {
    name: 'server/ knows the TaskSource port, not the manager, executors or a store',
    check: (file) =>
      reaches(file, ['engine/src/manager.ts', 'engine/src/run/']).concat(
        file.imports
          .filter(
            (entry) => !entry.isType && isRelative(entry) && resolve(file, entry).startsWith('engine/src/stores/'),
          )
          .map(({ from }) => `imports values of ${from}`),
      ),
  }),
  inRoom('engine/src/server/actions/', {
    name: 'server/actions/ never touch Request, Response or adapters',
    check: (file) => [...uses(file, ['Request', 'Response']), ...reaches(file, ['engine/src/adapters/'])],
  }),
  inRoom('engine/src/adapters/', {
    name: 'adapters/ import the handler, each other and node:',
    check: (file) =>
      file.imports.flatMap((entry) => {
        if (entry.from.startsWith('node:')) return []
        if (entry.from === 'ws' && file.path === webSocketAdapter) return []
        if (!isRelative(entry)) return [`imports ${entry.from}`]
        const target = resolve(file, entry)
        const isAllowed = target.startsWith('engine/src/adapters/') || adapterDoors.includes(target)
        return isAllowed ? [] : [`imports ${entry.from}`]
      }),
  }),
  inRoom('engine/src/', {
    name: 'only the cli asks another server, and only its adapter speaks WebSocket',
    check: (file) =>
      file.imports
        .filter(({ from }) => from === '@taskloom/client' || from === 'ws')
        .filter(({ from }) =>
          from === 'ws' ? file.path !== webSocketAdapter : !file.path.startsWith('engine/src/cli/'),
        )
        .map(({ from }) => `imports ${from}`),
  }),
  inRoom('client/src/', {
    name: 'client/ knows no lit, no DOM element and no engine',
    check: (file) => [
      ...uses(file, domNames),
      ...file.imports
        .filter(({ from }) => /^(lit|@lit|@taskloom\/engine)/.test(from))
        .map(({ from }) => `imports ${from}`),
    ],
  }),
  inRoom('dashboard/src/elements/', {
    name: 'dashboard elements never fetch or store, and know the client only by its types',
    check: (file) => [
      ...uses(file, storageNames),
      ...file.imports
        .filter(({ from, isType }) => from.startsWith('@taskloom/client') && !isType)
        .map(({ from }) => `imports values of ${from}`),
    ],
  }),
  {
    name: 'nothing in packages/*/src imports testkit',
    check: (file) =>
      packageOf(file) === 'testkit'
        ? []
        : file.imports.filter(({ from }) => from.startsWith('@taskloom/testkit')).map(({ from }) => `imports ${from}`),
  },
  {
    name: 'only the cli reads the environment, prints or ends the process',
    check: (file) => {
      if (file.path.startsWith('engine/src/cli/') || worldly.includes(file.path)) return []
      return [...file.names]
        .filter((name) => /^(globalThis\.)?(console(\.|$)|process\.(env|exit|stdout|stderr|on|once)(\.|$))/.test(name))
        .map((name) => `uses ${name}`)
    },
  },
  {
    name: 'no enum, namespace, any or default export',
    check: (file) =>
      [...file.constructs].filter((construct) => construct !== 'new Date()').map((word) => `has ${word}`),
  },
  {
    name: 'no file is longer than 400 lines',
    holdsEverywhere: true,
    check: (file) => (file.lines > 400 ? [`has ${file.lines} lines`] : []),
  },
  {
    name: 'no file is named utils, helpers, common, misc or types',
    holdsEverywhere: true,
    check: (file) => (emptyWords.test(file.path) ? ['has a name that says nothing'] : []),
  },
]

/** What an adapter may know of the server: the handler and its options. */
const adapterDoors = ['engine/src/server/handler.ts', 'engine/src/server/options.ts', 'engine/src/server/mount.ts']

function inRoom(room: string, rule: Rule): Rule {
  return { name: rule.name, check: (file) => (file.path.startsWith(room) ? rule.check(file) : []) }
}

function packageOf(file: SourceFile): string {
  return file.path.slice(0, file.path.indexOf('/'))
}

function isRelative({ from }: Import): boolean {
  return from.startsWith('.')
}

function foreign(file: SourceFile): readonly Import[] {
  return file.imports.filter((entry) => !isRelative(entry))
}

function resolve(file: SourceFile, { from }: Import): string {
  const parts = file.path.split('/').slice(0, -1)
  for (const part of from.split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '.') parts.push(part)
  }
  return parts.join('/')
}

function reaches(file: SourceFile, rooms: readonly string[]): string[] {
  return file.imports
    .filter((entry) => isRelative(entry) && rooms.some((room) => resolve(file, entry).startsWith(room)))
    .map(({ from }) => `imports ${from}`)
}

function uses(file: SourceFile, names: readonly string[]): string[] {
  return names
    .filter((name) => file.names.has(name) || file.names.has(`globalThis.${name}`))
    .map((name) => `uses ${name}`)
}

function matches(from: string, allowed: readonly (string | RegExp)[]): boolean {
  return allowed.some((pattern) => (typeof pattern === 'string' ? pattern === from : pattern.test(from)))
}

function readImport(node: ts.Node): Import | null {
  if (ts.isImportDeclaration(node) && ts.isStringLiteral(node.moduleSpecifier)) {
    return { from: node.moduleSpecifier.text, isType: importsOnlyTypes(node.importClause), isDynamic: false }
  }
  if (ts.isExportDeclaration(node) && node.moduleSpecifier && ts.isStringLiteral(node.moduleSpecifier)) {
    return { from: node.moduleSpecifier.text, isType: node.isTypeOnly, isDynamic: false }
  }
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
    const [target] = node.arguments
    const from = (target && textOf(target)) ?? 'something computed'
    return { from, isType: false, isDynamic: true }
  }
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument) && ts.isStringLiteral(node.argument.literal)) {
    return { from: node.argument.literal.text, isType: true, isDynamic: false }
  }
  return null
}

/** A text, or the constant of the same file that holds it. */
function textOf(node: ts.Node): string | undefined {
  if (ts.isStringLiteralLike(node)) return node.text
  if (!ts.isIdentifier(node)) return undefined
  const declared = node
    .getSourceFile()
    .statements.filter(ts.isVariableStatement)
    .filter(({ declarationList }) => (declarationList.flags & ts.NodeFlags.Const) !== 0)
    .flatMap(({ declarationList }) => [...declarationList.declarations])
    .find(({ name }) => ts.isIdentifier(name) && name.text === node.text)
  return declared?.initializer && textOf(declared.initializer)
}

function importsOnlyTypes(clause: ts.ImportClause | undefined): boolean {
  if (!clause) return false
  if (clause.phaseModifier === ts.SyntaxKind.TypeKeyword) return true
  const bindings = clause.namedBindings
  if (clause.name || !bindings || !ts.isNamedImports(bindings)) return false
  return bindings.elements.length > 0 && bindings.elements.every((element) => element.isTypeOnly)
}

function readConstruct(node: ts.Node): string | null {
  if (ts.isEnumDeclaration(node)) return 'enum'
  if (ts.isModuleDeclaration(node) && !(node.flags & ts.NodeFlags.GlobalAugmentation)) return 'namespace'
  if (node.kind === ts.SyntaxKind.AnyKeyword) return 'any'
  if (ts.isExportAssignment(node)) return 'default export'
  if (node.kind === ts.SyntaxKind.DefaultKeyword && !ts.isDefaultClause(node.parent)) return 'default export'
  if (ts.isNewExpression(node) && node.expression.getText() === 'Date' && !node.arguments?.length) return 'new Date()'
  return null
}

function readNames(node: ts.Node): string[] {
  if (ts.isPropertyAccessExpression(node) && ts.isIdentifier(node.expression)) {
    return [`${node.expression.text}.${node.name.text}`]
  }
  if (ts.isPropertyAccessExpression(node) && ts.isPropertyAccessExpression(node.expression)) {
    return [node.getText().replace(/\s/g, '')]
  }
  if (!ts.isIdentifier(node)) return []
  return isOwnName(node) ? [] : [node.text]
}

/** Whether an identifier names a member, a declared property or a binding rather than using something from outside. */
function isOwnName(node: ts.Identifier): boolean {
  const { parent } = node
  const named = parent as Partial<ts.NamedDeclaration>
  if (ts.isPropertyAccessExpression(parent)) return parent.name === node
  if (ts.isQualifiedName(parent)) return parent.right === node
  if (ts.isShorthandPropertyAssignment(parent)) return false
  return named.name === node || (ts.isBindingElement(parent) && parent.propertyName === node)
}
