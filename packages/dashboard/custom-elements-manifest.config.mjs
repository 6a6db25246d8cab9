import { readFileSync } from 'node:fs'

/** `cem analyze` with this file, or `scripts/editor-data.mjs`, describes the elements that pages use. */
export default {
  globs: ['src/task-dashboard.ts', 'src/siblings/*.ts'],
  outdir: 'dist',
  litelement: true,
  // The root's package is none of elements; that of the dashboard names the file itself.
  packagejson: false,
  plugins: [tagNames(), publicOnly(), dashboardParts(), spelledTypes(), themeProperties()],
}

/** Names elements as `HTMLElementTagNameMap` does: they are defined in a loop, which no analyzer sees. */
function tagNames() {
  const names = new Map()
  return {
    name: 'tag-names',
    collectPhase({ ts, node }) {
      if (!ts.isInterfaceDeclaration(node) || node.name.text !== 'HTMLElementTagNameMap') return
      for (const { name, type } of node.members) names.set(type.getText(), name.text)
    },
    packageLinkPhase({ customElementsManifest }) {
      for (const module of customElementsManifest.modules) {
        for (const declaration of module.declarations ?? []) {
          const tagName = names.get(declaration.name)
          if (tagName === undefined) continue
          Object.assign(declaration, { customElement: true, tagName })
          const target = { name: declaration.name, module: module.path }
          module.exports = [
            ...(module.exports ?? []),
            { kind: 'custom-element-definition', name: tagName, declaration: target },
          ]
        }
      }
    },
  }
}

/** Leaves out what is not for pages: private and protected members, and classes that no tag has. */
function publicOnly() {
  const lifecycle = ['updated', 'willUpdate', 'render', 'connectedCallback', 'disconnectedCallback', 'styles']
  const isForPages = ({ privacy, name, kind, static: isStatic }) =>
    privacy !== 'private' &&
    privacy !== 'protected' &&
    !isStatic &&
    !name.startsWith('#') &&
    !(kind === 'method' && lifecycle.includes(name)) &&
    name !== 'styles'
  return {
    name: 'public-only',
    packageLinkPhase({ customElementsManifest }) {
      for (const module of customElementsManifest.modules) {
        for (const declaration of module.declarations ?? []) {
          if (declaration.members) declaration.members = declaration.members.filter(isForPages)
          // What is fired by a name that is passed in has no name here.
          declaration.events = (declaration.events ?? []).filter(({ description }) => description)
          // An attribute that a base class declares is written once, in the element.
          for (const attribute of declaration.attributes ?? []) delete attribute.inheritedFrom
          for (const member of declaration.members ?? []) delete member.inheritedFrom
        }
        module.declarations = (module.declarations ?? []).filter(({ tagName }) => tagName !== undefined)
      }
      customElementsManifest.modules = customElementsManifest.modules.filter(
        ({ declarations }) => declarations.length > 0,
      )
    },
  }
}

/** The parts of the dashboard are explained where they are handed on from one shadow root to the next. */
function dashboardParts() {
  const text = readFileSync(new URL('src/host/hand-on-parts.ts', import.meta.url), 'utf8')
  const cssParts = [...text.matchAll(/@csspart ([a-z-]+) - (.*)/g)].map(([, name, description]) => ({
    name,
    description,
  }))
  return {
    name: 'dashboard-parts',
    packageLinkPhase({ customElementsManifest }) {
      for (const module of customElementsManifest.modules) {
        for (const declaration of module.declarations ?? []) {
          if (declaration.tagName === 'task-dashboard') declaration.cssParts = cssParts
        }
      }
    },
  }
}

/** Editors complete the words of a choice when they are spelled out. */
function spelledTypes() {
  const text = readFileSync(new URL('src/events.ts', import.meta.url), 'utf8')
  const choices = new Map([
    ...[...text.matchAll(/^export type (\w+) = ('[^\n]*')$/gm)].map(([, name, words]) => [name, words]),
    ['RequestCredentials', "'omit' | 'same-origin' | 'include'"],
  ])
  const spell = ({ type }) => {
    if (type) type.text = type.text.replace(/\w+/, (name) => choices.get(name) ?? name)
  }
  return {
    name: 'spelled-types',
    packageLinkPhase({ customElementsManifest }) {
      for (const module of customElementsManifest.modules) {
        for (const { attributes = [], members = [] } of module.declarations ?? []) {
          for (const entry of [...attributes, ...members]) spell(entry)
        }
      }
    },
  }
}

/** The `--task-*` names of the token table are properties of every element. */
function themeProperties() {
  const text = readFileSync(new URL('src/styles/tokens.ts', import.meta.url), 'utf8')
  const cssProperties = [...text.matchAll(/var\((--task-[a-z0-9-]+), ((?:[^()]|\([^)]*\))*)\)/g)]
    .map(([, name, value]) => ({ name, default: value }))
    .filter(({ name }, index, all) => all.findIndex((other) => other.name === name) === index)
  return {
    name: 'theme-properties',
    packageLinkPhase({ customElementsManifest }) {
      for (const module of customElementsManifest.modules) {
        for (const declaration of module.declarations ?? []) declaration.cssProperties = cssProperties
      }
    },
  }
}
