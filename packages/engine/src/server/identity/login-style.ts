/** The colours are those of the dashboard. */
export const loginStyle = `:root {
  color-scheme: light dark;
  --surface: light-dark(#fff, #181b1f);
  --around: light-dark(#f6f6f4, #0f1113);
  --field: light-dark(#fff, #131518);
  --line: light-dark(#e7e7e4, #262a30);
  --control-line: light-dark(#8d9096, #6a7079);
  --text: light-dark(#1b1c1e, #e9eaec);
  --text-2: light-dark(#5d6066, #a2a7b0);
  --ink: light-dark(#1b1c1e, #eceef1);
  --on-ink: light-dark(#fff, #121417);
  --focus: light-dark(#2563eb, #6d9bff);
  --bar: light-dark(#cfd6d1, #39423c);
  --failed: light-dark(#c81e1e, #ff7b7b);
  --failed-bg: light-dark(#fdecec, #371819);
}
* { box-sizing: border-box; }
html { height: 100%; }
body {
  display: grid;
  min-height: 100%;
  margin: 0;
  padding: 24px 16px;
  place-items: center;
  color: var(--text);
  background: var(--around);
  font: 15px/1.5 system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif;
}
main {
  inline-size: 100%;
  max-inline-size: 376px;
  margin-block-end: 6vh;
  padding: 32px;
  background: var(--surface);
  border: 1px solid var(--line);
  border-radius: 12px;
  box-shadow: 0 1px 2px rgb(0 0 0 / 4%), 0 12px 32px -12px rgb(0 0 0 / 12%);
}
.bars { display: block; inline-size: 100%; block-size: 28px; margin-block-end: 24px; }
.bar { fill: var(--bar); }
.bad { fill: var(--failed); }
header { display: flex; flex-wrap: wrap; gap: 4px 10px; align-items: center; }
h1 { margin: 0; font-size: 21px; font-weight: 650; line-height: 1.25; letter-spacing: -0.01em; overflow-wrap: anywhere; }
.tag {
  padding: 1px 8px;
  color: var(--text-2);
  border: 1px solid var(--line);
  border-radius: 5px;
  font-size: 12.5px;
  overflow-wrap: anywhere;
}
.lead { margin: 6px 0 0; color: var(--text-2); }
.alert {
  display: flex;
  gap: 9px;
  margin: 20px 0 0;
  padding: 10px 12px;
  color: var(--failed);
  background: var(--failed-bg);
  border-radius: 8px;
  font-size: 14px;
}
.icon { flex: none; inline-size: 16px; block-size: 16px; margin-block-start: 2.5px; fill: none; stroke: currentColor; stroke-width: 1.5; stroke-linecap: round; }
form { display: grid; margin-block-start: 20px; }
label { margin-block-end: 5px; font-size: 14px; font-weight: 550; }
input, button { min-block-size: 44px; font: inherit; border-radius: 7px; }
input {
  inline-size: 100%;
  margin-block-end: 16px;
  padding: 9px 12px;
  color: inherit;
  background: var(--field);
  border: 1px solid var(--control-line);
  font-size: 16px;
}
input[aria-invalid] { border-color: var(--failed); }
button { margin-block-start: 6px; color: var(--on-ink); background: var(--ink); border: 1px solid var(--ink); font-weight: 600; cursor: pointer; }
button:hover { opacity: 0.9; }
button:active { opacity: 0.82; }
:focus-visible { outline: 2px solid var(--focus); outline-offset: 2px; }
@media (max-width: 420px) {
  body { place-items: start center; padding: 16px 12px; }
  main { padding: 24px 20px; }
}
@media (prefers-contrast: more) { main, .tag { border-color: var(--control-line); } }
@media (forced-colors: active) { main, button { border: 1px solid; } .bar, .bad { fill: CanvasText; } }
`
