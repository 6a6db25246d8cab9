import type { Member, Module } from './model.ts'

/** Finds where a name is described, as seen from a page: names that more packages have are meant as near as possible. */
export class NameIndex {
  readonly #places = new Map<string, { readonly page: string; readonly anchor: string }[]>()

  constructor(modules: readonly Module[]) {
    for (const { page, items } of modules) {
      for (const { item, home } of items) {
        if (home.page !== page) continue
        this.#add(item.name, page)
        for (const member of item.members) this.#addMember(item.name, member, page)
      }
    }
  }

  /** `page.md#anchor`, or `#anchor` on the same page; null for a name that is not public. A member may lead to its owner. */
  find(name: string, from: string): string | null {
    const places = this.#places.get(name) ?? this.#places.get(name.split('.')[0] ?? '') ?? []
    const packageOf = (page: string) => page.split('-')[0]
    const nearest =
      places.find(({ page }) => page === from) ??
      places.find(({ page }) => packageOf(page) === packageOf(from)) ??
      places[0]
    if (!nearest) return null
    return `${nearest.page === from ? '' : `${nearest.page}.md`}#${nearest.anchor}`
  }

  #add(name: string, page: string): void {
    this.#places.set(name, [...(this.#places.get(name) ?? []), { page, anchor: name }])
  }

  #addMember(owner: string, member: Member, page: string): void {
    this.#add(`${owner}.${member.name}`, page)
    for (const nested of member.members) this.#addMember(owner, nested, page)
  }
}
