import path from 'node:path';

/** What V8's profiler writes: the parts of it that are read here. */
export interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
    readonly children?: readonly number[] | undefined;
  }[];
  readonly samples?: readonly number[] | undefined;
  readonly timeDeltas?: readonly number[] | undefined;
}

/** A function in one place of the call tree; times in microseconds. */
export interface Frame {
  readonly name: string;
  /** `store/ledger.js:42`, `pg/lib/client.js:7`, `node:net`, or empty for what is native. */
  readonly place: string;
  readonly self: number;
  readonly total: number;
  readonly callees: readonly Frame[];
}

/** The call tree of a profile, without the time in which nothing was to be done. */
export function callTree({ nodes, samples = [], timeDeltas = [] }: CpuProfile): Frame {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const self = new Map<number, number>();
  samples.forEach((id, index) => self.set(id, (self.get(id) ?? 0) + Math.max(timeDeltas[index + 1] ?? 0, 0)));

  function frameOf(id: number): Frame | null {
    const node = byId.get(id);
    if (node === undefined || node.callFrame.functionName === '(idle)') return null;
    const { functionName, url, lineNumber } = node.callFrame;
    const name = functionName || '(anonymous)';
    const place = placeOf(url, lineNumber);
    const callees = (node.children ?? []).map((child) => frameOf(child)).filter((frame) => frame !== null);
    const own = self.get(id) ?? 0;
    const total = callees.reduce((sum, callee) => sum + callee.total, own);
    return { name, place, self: own, total, callees };
  }

  const root = nodes[0] && frameOf(nodes[0].id);
  if (!root) throw new Error('The profile is empty.');
  return root;
}

function placeOf(url: string, line: number): string {
  if (url === '' || url.startsWith('node:')) return url;
  const file = url.replace(/^file:\/\//, '');
  const inPackage = file.lastIndexOf('/node_modules/');
  const short =
    inPackage >= 0
      ? file.slice(inPackage + '/node_modules/'.length)
      : path.relative(path.join(__dirname, '..', '..'), file);
  return `${short}:${line + 1}`;
}
