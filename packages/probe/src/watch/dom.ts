/**
 * The document's tree as the browser itself reports it. A form hides what it inherits behind its inputs
 * (`<input name="matches">`), a document behind its images and forms (`<img name="body">`), and an element of the page
 * behind what its class defines. So these are asked through the captured functions, never through their own properties.
 */

import { natives } from './natives.ts'

/** `nodeType` of a node. */
export const ELEMENT = 1
export const TEXT = 3
const DOCUMENT = 9
const FRAGMENT = 11

export const typeOf = (node: Node): number => natives.Node.nodeType(node)

export const nameOf = (element: Element): string => natives.Element.localName(element)

/** @throws if the selector is invalid */
export const queryAll = (root: ParentNode, selector: string): NodeListOf<Element> => {
  const { Document, Element } = natives
  const type = typeOf(root)
  if (type === DOCUMENT) return Document.querySelectorAll(root as Document, selector)
  return type === ELEMENT
    ? Element.querySelectorAll(root as Element, selector)
    : root.querySelectorAll(selector)
}

/** The window that shows the node; null if its frame was removed. */
export const viewOf = (node: Node): (Window & typeof globalThis) | null => {
  const owner = natives.Node.ownerDocument(node)
  return owner && natives.Document.defaultView(owner)
}

/** The host of the shadow root in which the node is; undefined outside shadow roots. */
export const hostOf = (node: Node): Element | undefined => {
  const root = natives.Node.getRootNode(node)
  return typeOf(root) === FRAGMENT ? (root as ShadowRoot).host : undefined
}

/** The element in which another is shown: a slot, the host of a shadow root, or its parent. */
export const parentOf = (element: Element): Element | null => {
  const parent = natives.Element.assignedSlot(element) ?? natives.Node.parentNode(element)
  if (parent && typeOf(parent) === FRAGMENT) return (parent as ShadowRoot).host
  return parent && typeOf(parent) === ELEMENT ? (parent as Element) : null
}

/** What is shown inside an element: of a host what is in its open shadow root, of a slot what is assigned to it. */
export const shownIn = (element: Element): Iterable<Node> => {
  const assigned = nameOf(element) === 'slot' ? ((element as HTMLSlotElement).assignedNodes?.() ?? []) : []
  return assigned.length ? assigned : natives.Node.childNodes(natives.Element.shadowRoot(element) ?? element)
}
