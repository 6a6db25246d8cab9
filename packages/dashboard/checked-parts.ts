import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Plugin } from 'vite'

/**
 * Subresource integrity beyond the file that a page names: where its script tag has `integrity`, what the file loads later
 * is checked as well. The file holds one hash, that of a list of all hashes, so that parts cost it nothing. Beside the
 * files lies `integrity.json` for whoever writes the tag.
 */
export function checkedParts(): Plugin {
  return {
    name: 'checked-parts',
    enforce: 'post',
    generateBundle(_, bundle) {
      const chunks = Object.values(bundle).filter((file) => file.type === 'chunk')
      const entry = chunks.find(({ isEntry }) => isEntry)
      const parts = chunks.filter((chunk) => chunk !== entry)
      if (!entry || parts.length === 0) return
      const needs = new Map(
        parts.map(({ fileName, imports }) => [fileName, imports.filter((name) => name !== entry.fileName)]),
      )
      const hashes = parts.map(
        ({ fileName, code }) => [fileName, [integrityOf(code), ...needsOf(fileName, needs)]] as const,
      )
      const list = `export const hashes=${JSON.stringify(Object.fromEntries(hashes))}`
      const integrity = integrityOf(list)
      const listName = `parts/hashes-${integrity.slice(7, 15).replace(/\W/g, '_')}.js`
      this.emitFile({ type: 'asset', fileName: listName, source: list })
      const loading = entry.code.replace(/\bimport\((["'`])\.\/parts\//g, 'loadChecked($1./parts/')
      entry.code = loaderOf(listName, integrity) + loading
    },
    writeBundle({ dir = '.' }) {
      const names = readdirSync(dir, { recursive: true, encoding: 'utf8' })
        .filter((name) => name.endsWith('.js'))
        .sort()
      const files = names.map((name) => [
        name.replaceAll('\\', '/'),
        integrityOf(readFileSync(join(dir, name), 'utf8')),
      ])
      writeFileSync(join(dir, 'integrity.json'), `${JSON.stringify(Object.fromEntries(files), null, 2)}\n`)
    },
  }
}

/** For pages whose scripts are not modules: loads the module that lies beside it, checked where this one is. */
export function classicLoader(): Plugin {
  return {
    name: 'classic-loader',
    enforce: 'post',
    generateBundle(_, bundle) {
      const entry = Object.values(bundle).find((file) => file.type === 'chunk' && file.isEntry)
      if (entry?.type !== 'chunk') return
      const source = `(({src,integrity})=>{
let href=new URL("${entry.fileName}",src).href,load=()=>import(href);
integrity?document.head.append(Object.assign(document.createElement("link"),{rel:"modulepreload",crossOrigin:"",href,integrity:"${integrityOf(entry.code)}",onload:load})):load()
})(document.currentScript)`
      this.emitFile({
        type: 'asset',
        fileName: entry.fileName.replace('.js', '.iife.js'),
        source: `${source.replaceAll('\n', '')}\n`,
      })
    },
  }
}

function integrityOf(text: string): string {
  return `sha384-${createHash('sha384').update(text).digest('base64')}`
}

/** All that a part imports, and what that imports, the deepest first. */
function needsOf(name: string, needs: ReadonlyMap<string, readonly string[]>): readonly string[] {
  const direct = needs.get(name) ?? []
  return [...new Set([...direct.flatMap((other) => needsOf(other, needs)), ...direct])]
}

/**
 * A preloaded module is the one that is imported: nothing can come between the check and its use. What a part imports is
 * checked before it, or the browser would fetch it unchecked.
 */
function loaderOf(list: string, integrity: string): string {
  return `const loadChecked=async(path)=>{
let at=import.meta.url,name=path.slice(2),
check=(name,integrity)=>new Promise((onload,onerror)=>document.head.append(Object.assign(document.createElement("link"),{rel:"modulepreload",crossOrigin:"",href:new URL(name,at).href,integrity,onload,onerror})));
if([...document.scripts].some(({src,integrity})=>integrity&&src.replace(".iife","")==at)){
await check("${list}","${integrity}");
let{hashes}=await import("./${list}"),[own,...others]=hashes[name];
await Promise.all(others.map(other=>check(other,hashes[other][0])));
await check(name,own)}
return import(path)};
`.replaceAll('\n', '')
}
