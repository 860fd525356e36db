/** The look of the pages that storage shows itself: no script, no request beside the page. */
export const style = `
:root {
  color-scheme: light dark;
  --page: #f3f4f8; --card: #ffffff; --line: #dcdfe8; --text: #1b1e2b; --quiet: #5b6178;
  --accent: #4338ca; --accent-strong: #3730a3; --on-accent: #ffffff; --soft: #eef0fb; --bad: #b42318; --bad-soft: #fdeeec;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #12141c; --card: #1b1e2a; --line: #343949; --text: #eceef6; --quiet: #a3a9be;
    --accent: #a5b0ff; --accent-strong: #c3caff; --on-accent: #14172b; --soft: #262b40; --bad: #ffb4a8; --bad-soft: #3b2223;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; min-height: 100vh; display: flex; flex-direction: column; align-items: center; justify-content: center;
  padding: 2rem 1rem; background: var(--page); color: var(--text);
  font: 1rem/1.5 system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', sans-serif;
}
main {
  width: 100%; max-width: 28rem; padding: 2rem; background: var(--card); border: 1px solid var(--line); border-radius: 1rem;
  box-shadow: 0 12px 40px rgb(0 0 0 / 8%);
}
header { display: flex; align-items: center; gap: .6rem; margin-bottom: 1.5rem; color: var(--quiet); font-size: .95rem; }
header svg { width: 1.75rem; height: 1.75rem; color: var(--accent); flex: none; }
h1 { margin: 0 0 .5rem; text-wrap: balance; font-size: 1.4rem; line-height: 1.25; overflow-wrap: anywhere; }
p { margin: 0 0 1rem; }
.quiet { color: var(--quiet); font-size: .95rem; overflow-wrap: anywhere; }
ul { list-style: none; margin: 0 0 1.25rem; padding: 0; border: 1px solid var(--line); border-radius: .75rem; overflow: hidden; }
li { display: flex; flex-direction: column; padding: .6rem 1rem; }
li + li { border-top: 1px solid var(--line); }
li span { font-weight: 600; overflow-wrap: anywhere; }
code { color: var(--quiet); font: .85rem ui-monospace, 'DejaVu Sans Mono', Menlo, monospace; overflow-wrap: anywhere; }
label { display: block; margin-bottom: .35rem; font-weight: 600; font-size: .95rem; }
input {
  width: 100%; min-height: 2.75rem; margin-bottom: 1rem; padding: .5rem .75rem; font: inherit; color: inherit;
  background: transparent; border: 1px solid var(--quiet); border-radius: .6rem;
}
input[readonly] { color: var(--quiet); background: var(--page); border-color: var(--line); }
main > :last-child { margin-bottom: 0; }
.actions { display: flex; flex-direction: row-reverse; gap: .75rem; margin-top: .5rem; }
button {
  flex: 1; min-height: 2.75rem; padding: .5rem 1rem; font: inherit; font-weight: 600; cursor: pointer;
  border: 1px solid var(--line); border-radius: .6rem; background: transparent; color: var(--text);
}
button.allow { background: var(--accent); border-color: var(--accent); color: var(--on-accent); }
button.allow:hover { background: var(--accent-strong); border-color: var(--accent-strong); }
button:not(.allow):hover { background: var(--soft); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
[role='alert'] { padding: .7rem 1rem; border-radius: .6rem; background: var(--bad-soft); color: var(--bad); font-weight: 600; }
.account { padding: .7rem 1rem; border-radius: .6rem; background: var(--soft); overflow-wrap: anywhere; }
footer { max-width: 28rem; margin-top: 1.25rem; color: var(--quiet); font-size: .85rem; text-align: center; text-wrap: balance; }
@media (max-width: 30rem) {
  body { padding: 0; justify-content: flex-start; background: var(--card); }
  main { padding: 1.5rem 1.25rem 1rem; border: 0; border-radius: 0; box-shadow: none; }
  footer { padding: 0 1.25rem 1.5rem; }
}
`;
