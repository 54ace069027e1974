/** Of the page that describes the API. It needs no font and no picture. */
export const DOCS_STYLE = `:root {
  color-scheme: light dark;
  --text: light-dark(#1b1f24, #e3e6ea);
  --muted: light-dark(#51585f, #a9b1ba);
  --ground: light-dark(#fff, #14171a);
  --raised: light-dark(#f3f5f7, #20252a);
  --line: light-dark(#d0d5da, #3a4148);
  --link: light-dark(#0a55a8, #7cb8ff);
}
* { box-sizing: border-box; }
body {
  margin: 0 auto;
  max-width: 72rem;
  padding: 1.5rem;
  background: var(--ground);
  color: var(--text);
  font: 1rem/1.55 system-ui, sans-serif;
}
a { color: var(--link); text-decoration: underline; text-underline-offset: 0.15em; }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
main:focus { outline: none; }
.skip { position: absolute; left: -100rem; }
.skip:focus { left: 1rem; top: 1rem; padding: 0.5rem 1rem; background: var(--ground); }
h1, h2, h3, h4 { line-height: 1.25; text-wrap: balance; scroll-margin-top: 1rem; }
h2 { margin-top: 3rem; border-bottom: 1px solid var(--line); padding-bottom: 0.25rem; }
h3 { margin-top: 2.25rem; }
h4 { margin: 1.25rem 0 0.5rem; }
code { font-family: ui-monospace, monospace; font-size: 0.9em; overflow-wrap: anywhere; }
.call { margin-top: -0.5rem; }
.call span, th span { color: var(--muted); font-size: 0.875rem; font-weight: normal; }
table { width: 100%; border-collapse: collapse; table-layout: fixed; }
caption { text-align: left; color: var(--muted); font-size: 0.875rem; padding-bottom: 0.25rem; }
th, td { padding: 0.35rem 0.75rem 0.35rem 0; border-top: 1px solid var(--line); text-align: left; vertical-align: top; overflow-wrap: anywhere; }
thead th { border-top: none; color: var(--muted); font-size: 0.875rem; }
tbody th { font-weight: normal; }
dl { display: grid; grid-template-columns: 4rem 1fr; gap: 0.25rem 0.75rem; margin: 0; }
dd { margin: 0; }
dd p, dd ul { margin: 0 0 0.25rem; padding-left: 0; list-style: none; }
pre { margin: 0.5rem 0; padding: 0.75rem; background: var(--raised); border: 1px solid var(--line); white-space: pre-wrap; }
summary { cursor: pointer; color: var(--link); }
nav ul { padding-left: 1.25rem; }
nav > ul { columns: 18rem; padding-left: 0; list-style: none; }
nav > ul > li { break-inside: avoid-column; margin-bottom: 1rem; }
@media (max-width: 40rem) {
  body { padding: 1rem; }
  dl { grid-template-columns: 1fr; }
}
`
