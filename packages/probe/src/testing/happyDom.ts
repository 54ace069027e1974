/**
 * Setup of the probe's unit tests, before any of its modules captures the browser's functions: happy-dom defines members of
 * these interfaces on classes from which it derives them, and has no layout.
 */
import './page.ts'

for (const { prototype } of [Document, Element, Node]) {
  for (let base = Object.getPrototypeOf(prototype); base; base = Object.getPrototypeOf(base)) {
    for (const [name, descriptor] of Object.entries(Object.getOwnPropertyDescriptors(base))) {
      if (!Object.hasOwn(prototype, name))
        Object.defineProperty(prototype, name, descriptor as PropertyDescriptor)
    }
  }
}

// It has no slots.
if (!('assignedSlot' in Element.prototype)) {
  Object.defineProperty(Element.prototype, 'assignedSlot', { get: () => null })
}
