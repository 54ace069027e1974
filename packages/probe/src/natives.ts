/**
 * Functions of the language and the browser as they were when the first file was run. A page owns all global names and
 * all prototypes, and may replace any of them later: `var URL = '/api'`, `class Map`, its own `Array.prototype.reduce`.
 *
 * The second file is loaded later, so the first one captures for both. Besides these functions the probe uses syntax:
 * `for … of`, spread and templates rather than methods. Properties that may be missing are read only from objects without
 * a prototype, because a page may add properties to `Object.prototype`. `Symbol.iterator` and what the language itself
 * looks up in a regular expression are left to the page: no syntax works without them.
 */

/** The globals that the two files use. */
const NAMES = [
  'AbortController',
  'Array',
  'AudioContext',
  'Blob',
  'Document',
  'Element',
  'Error',
  'Float32Array',
  'JSON',
  'Map',
  'Math',
  'MediaStream',
  'Node',
  'Object',
  'RegExp',
  'String',
  'TextEncoder',
  'URL',
  'Uint8Array',
  'VideoFrame',
  'WeakMap',
  'Worker',
] as const

type Name = (typeof NAMES)[number]
type Globals = typeof globalThis
// biome-ignore lint/suspicious/noExplicitAny: only `any` matches the parameters of every function.
type AnyFunction = (...args: any[]) => unknown

/** Methods as functions that take the object first: `map(list, callback)` for `list.map(callback)`. */
type Methods<T> = {
  [K in keyof T as T[K] extends AnyFunction ? K : never]: T[K] extends (...args: infer A) => infer R
    ? (self: T, ...args: A) => R
    : never
}

/** Methods whose types depend on those of their arguments, which `Methods` would lose. */
interface ArrayMethods {
  every<T>(list: readonly T[], test: (item: T, index: number) => unknown): boolean
  filter<T>(list: readonly T[], test: (item: T, index: number) => unknown): T[]
  find<T>(list: readonly T[], test: (item: T, index: number) => unknown): T | undefined
  findIndex<T>(list: readonly T[], test: (item: T, index: number) => unknown): number
  flatMap<T, R>(list: readonly T[], map: (item: T, index: number) => R | readonly R[]): R[]
  includes<T>(list: readonly T[], item: T): boolean
  join(list: readonly unknown[], separator?: string): string
  map<T, R>(list: readonly T[], map: (item: T, index: number) => R): R[]
  pop<T>(list: T[]): T | undefined
  push<T>(list: T[], ...items: T[]): number
  reduce<T, R>(list: readonly T[], reduce: (before: R, item: T) => R, first: R): R
  shift<T>(list: T[]): T | undefined
  slice<T>(list: readonly T[], from?: number, to?: number): T[]
  some<T>(list: readonly T[], test: (item: T, index: number) => unknown): boolean
  sort<T>(list: T[], compare: (a: T, b: T) => number): T[]
}
interface StringMethods {
  includes(text: string, part: string): boolean
  indexOf(text: string, part: string): number
  lastIndexOf(text: string, part: string, from?: number): number
  normalize(text: string): string
  replace(text: string, found: string | RegExp, by: string | ((found: string) => string)): string
  search(text: string, pattern: RegExp): number
  slice(text: string, from: number, to?: number): string
  split(text: string, separator: string | RegExp): string[]
  startsWith(text: string, start: string): boolean
  toLowerCase(text: string): string
  trim(text: string): string
}
interface MapMethods {
  keys<K>(map: ReadonlyMap<K, unknown>): MapIterator<K>
  values<V>(map: ReadonlyMap<unknown, V>): MapIterator<V>
  delete<K>(map: ReadonlyMap<K, unknown>, key: K): boolean
  get<K, V>(map: ReadonlyMap<K, V>, key: K): V | undefined
  has<K>(map: ReadonlyMap<K, unknown>, key: K): boolean
  set<K, V>(map: Map<K, V>, key: K, value: V): Map<K, V>
  /** Through the map, so that no iterator of the page is used. */
  forEach<K, V>(map: ReadonlyMap<K, V>, callback: (value: V, key: K) => void): void
}
interface WeakMapMethods {
  get<K extends WeakKey, V>(map: WeakMap<K, V>, key: K): V | undefined
  set<K extends WeakKey, V>(map: WeakMap<K, V>, key: K, value: V): WeakMap<K, V>
}
/** Methods and properties of the document's nodes, which take the node first: `Node.parentNode(node)`. */
type Members<T> = {
  readonly [K in keyof T]-?: T[K] extends (...args: infer A) => infer R
    ? (self: T, ...args: A) => R
    : (self: T) => T[K]
}

interface GenericMethods {
  Array: ArrayMethods
  Document: Members<Document>
  Element: Members<Element>
  Map: MapMethods
  Node: Members<Node>
  String: StringMethods
  WeakMap: WeakMapMethods
}

type MethodsOf<N extends Name> = N extends keyof GenericMethods
  ? GenericMethods[N]
  : Globals[N] extends { prototype: infer P }
    ? Methods<P>
    : unknown

/**
 * What is captured of one global: itself as `type`, its own static functions, and the own methods and getters of its
 * prototype.
 */
type Native<N extends Name> = { type: Globals[N] } & Omit<Globals[N], 'prototype'> & MethodsOf<N>

export type Natives = { [N in Name]: Native<N> } & Pick<Window, 'getComputedStyle'>

/**
 * Captures them now. Of a global that the browser lacks only `type` is there, undefined.
 *
 * @example
 * const natives = captureNatives(globalThis)
 * natives.Array.map([1, 2], (n) => natives.Math.max(n, 2)) // => [2, 2]
 * const places = new natives.Map.type<string, number>()
 * natives.Map.set(places, 'first', 1)
 */
export const captureNatives = (global: typeof globalThis): Natives => {
  const { call } = Function.prototype
  const natives: Record<string, unknown> = {
    __proto__: null,
    // There is none on a server, where the module may be imported.
    getComputedStyle: global.getComputedStyle?.bind(global),
  }
  for (const name of NAMES) {
    const type = global[name] as unknown as { prototype?: object } | undefined
    const native: Record<string, unknown> = { __proto__: null }
    for (const owner of [type, type?.prototype]) {
      const members = Object.getOwnPropertyDescriptors(Object(owner))
      for (const [key, { value, get }] of Object.entries(members)) {
        const member = value ?? get
        if (member?.bind) native[key] = owner === type ? member.bind(type) : call.bind(member)
      }
    }
    // Last: a blob has a `type` of its own.
    native.type = type
    natives[name] = native
  }
  return natives as Natives
}

export const natives: Natives = captureNatives(globalThis)
