import type { Frame } from './cpu-profile';

const WIDTH = 1_600;
const ROW = 17;
const HEAD = 40;
/** Narrower than this nobody sees; their time still widens whoever called them. */
const NARROWEST = 0.4;
const LETTER = 6.6;

/** A call tree as one SVG file that any browser shows: callers above, width is time, the pointer tells the rest. */
export function flameGraph(root: Frame, title: string): string {
  const scale = WIDTH / Math.max(root.total, 1);
  const boxes: string[] = [];
  let deepest = 0;

  function draw(frame: Frame, left: number, depth: number): void {
    const width = frame.total * scale;
    if (width < NARROWEST) return;
    deepest = Math.max(deepest, depth);
    boxes.push(box(frame, left, depth, width, frame.total / root.total));
    let next = left;
    for (const callee of frame.callees.toSorted((a, b) => b.total - a.total)) {
      draw(callee, next, depth + 1);
      next += callee.total * scale;
    }
  }
  draw(root, 0, 0);
  const height = HEAD + (deepest + 1) * ROW + 10;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" font-family="monospace" font-size="11">`,
    `<rect width="100%" height="100%" fill="#fff"/>`,
    `<text x="4" y="24" font-size="16">${escaped(title)}</text>`,
    ...boxes,
    '</svg>',
    '',
  ].join('\n');
}

function box(frame: Frame, left: number, depth: number, width: number, share: number): string {
  const y = HEAD + depth * ROW;
  const label = `${frame.name} ${frame.place}`.trim();
  const room = Math.floor((width - 4) / LETTER);
  const text =
    room < 3
      ? ''
      : `<text x="${(left + 2).toFixed(1)}" y="${y + 12}">${escaped(label.slice(0, room))}</text>`;
  const told = `${label}\n${(share * 100).toFixed(1)} %, ${Math.round(frame.total / 1_000)} ms, itself ${Math.round(frame.self / 1_000)} ms`;
  return (
    `<g><title>${escaped(told)}</title>` +
    `<rect x="${left.toFixed(1)}" y="${y}" width="${width.toFixed(1)}" height="${ROW - 1}" fill="${colourOf(frame)}"/>${text}</g>`
  );
}

/** Ours, packages, Node, and native code by hue. */
function colourOf({ place }: Frame): string {
  if (place === '') return '#cfd8dc';
  if (place.startsWith('node:')) return '#b3d7a8';
  return /^(domain|workflows|activities|channels|store|platform|worker|bench)\//.test(place)
    ? '#f6a86b'
    : '#f3d27a';
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
