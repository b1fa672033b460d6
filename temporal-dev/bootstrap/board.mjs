const REDRAW_MS = 250;
/** Without a terminal nothing can be redrawn, so a line still busy is repeated now and then. */
const REPEAT_MS = 10_000;

/**
 * One ticking line a part. On a terminal the lines are redrawn in place; elsewhere each change is a line.
 * A line is waiting, busy (with a clock that runs), done or failed.
 */
export function createBoard(out, now = Date.now) {
  const lines = new Map();
  const live = out.isTTY === true;
  let drawn = 0;
  let open = true;
  const timer = setInterval(tick, live ? REDRAW_MS : 1_000);
  timer.unref();

  function text({ name, state, note, since, until }) {
    const seconds = Math.round(((until ?? now()) - since) / 1_000);
    const clock = state === 'waiting' || seconds < 1 ? '' : ` (${seconds} s)`;
    const mark = { waiting: '·', busy: '…', done: '✓', failed: '✗' }[state];
    return `${mark} ${name}: ${note}${clock}`;
  }

  function draw() {
    if (!live || !open) return;
    const width = Math.max((out.columns || 80) - 1, 20);
    const rows = [...lines.values()].map((line) => `\u001B[2K${text(line).slice(0, width)}\n`);
    out.write((drawn > 0 ? `\u001B[${drawn}A` : '') + rows.join(''));
    drawn = rows.length;
  }

  function tick() {
    draw();
    if (live) return;
    for (const line of lines.values()) {
      if (line.state !== 'busy' || now() - line.said < REPEAT_MS) continue;
      line.said = now();
      out.write(`${text(line)}\n`);
    }
  }

  function set(name, state, note) {
    const at = now();
    const before = lines.get(name);
    // What a part took before it was done, or before anything began, is no time of what comes now.
    const goesOn = before?.state === 'busy' || before?.state === 'failed';
    const since = goesOn ? before.since : at;
    const until = state === 'busy' ? undefined : at;
    const line = { name, state, note, since, until, said: at };
    lines.set(name, line);
    if (!open || (!live && state !== 'waiting')) out.write(`${text(line)}\n`);
    else draw();
  }

  return {
    expect(...names) {
      for (const name of names) set(name, 'waiting', 'waiting');
    },
    busy: (name, note) => set(name, 'busy', note),
    done: (name, note) => set(name, 'done', note),
    failed: (name, note) => set(name, 'failed', note),
    /** A line of its own, outside the parts: above nothing that is redrawn. */
    say(line) {
      if (live && open && drawn > 0) out.write(`\u001B[${drawn}A\u001B[J`);
      drawn = 0;
      out.write(`${line}\n`);
      draw();
    },
    /** From here on nothing is redrawn: every change is said as a line of its own. */
    close() {
      if (!open) return;
      draw();
      open = false;
      clearInterval(timer);
    },
  };
}
