// Makes the zone data file of one tz database release out of compiled TZif files (RFC 9636):
//
//   node domain/time/data/generate.mjs <zoneinfo folder> domain/time/data/<version>.json
//
// The folder is one that `zic -b slim` or `zic -b fat` wrote, with `tzdata.zi` and `zone.tab` in it:
// `tzdata/zoneinfo` of PyPI's tzdata package (2026.6 is 2026f), or /usr/share/zoneinfo.
// Equal input gives equal output, byte for byte.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';

const LEFT_OUT = new Set(['posix', 'right', 'localtime', 'posixrules', 'Factory']);

const [folder, output] = process.argv.slice(2);
if (!folder || !output) {
  process.stderr.write('usage: node domain/time/data/generate.mjs <zoneinfo folder> <output file>\n');
  process.exit(2);
}

function* tzifFiles(directory) {
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    if (LEFT_OUT.has(entry.name)) continue;
    const path = join(directory, entry.name);
    if (entry.isDirectory()) yield* tzifFiles(path);
    else if (readFileSync(path).subarray(0, 4).toString('latin1') === 'TZif') yield path;
  }
}

/** Counts of a TZif header at `start`, in the order of RFC 9636 section 3.1. */
function header(bytes, start) {
  const [isUt, isStd, leap, times, types, chars] = [0, 1, 2, 3, 4, 5].map((n) =>
    bytes.readUInt32BE(start + 20 + 4 * n),
  );
  return { isUt, isStd, leap, times, types, chars };
}

function readZone(path) {
  const bytes = readFileSync(path);
  if (bytes[4] < 0x32) throw new Error(`${path}: TZif version 1 has neither 64-bit times nor a rule`);
  const old = header(bytes, 0);
  const start =
    44 + old.times * 5 + old.types * 6 + old.chars + old.leap * 8 + old.isStd + old.isUt;
  const count = header(bytes, start);
  if (count.leap > 0) throw new Error(`${path}: counts leap seconds`);

  let at = start + 44;
  const times = Array.from({ length: count.times }, (_, n) => Number(bytes.readBigInt64BE(at + 8 * n)));
  at += 8 * count.times;
  const typeOf = [...bytes.subarray(at, at + count.times)];
  at += count.times;
  const offsets = Array.from({ length: count.types }, (_, n) => bytes.readInt32BE(at + 6 * n));
  at += 6 * count.types + count.chars + 12 * count.leap + count.isStd + count.isUt;
  const rule = bytes.subarray(at + 1, bytes.indexOf(0x0a, at + 1)).toString('latin1');

  // A change of name alone is no change for us. The last time stays even so: the rule holds from there on.
  const zone = { first: offsets[0], at: [], offset: [], rule };
  let current = zone.first;
  times.forEach((time, n) => {
    const offset = offsets[typeOf[n]];
    if (offset === current && n < times.length - 1) return;
    zone.at.push(time);
    zone.offset.push(offset);
    current = offset;
  });
  return zone;
}

const source = readFileSync(join(folder, 'tzdata.zi'), 'utf8').split('\n');
const version = /^# version (\S+)/.exec(source[0])?.[1];
if (!version) throw new Error('tzdata.zi does not begin with its version');

const linkTargets = new Map();
for (const line of source) {
  const [kind, target, name] = line.split(' ');
  if (kind === 'L') linkTargets.set(name, target);
}
const resolve = (name) => (linkTargets.has(name) ? resolve(linkTargets.get(name)) : name);

// Plain code-unit order: a sort by locale would differ between machines.
const inOrder = ([a], [b]) => (a < b ? -1 : 1);
const zones = [];
const links = [];
for (const path of tzifFiles(folder)) {
  const name = relative(folder, path).split(sep).join('/');
  const target = resolve(name);
  if (target === name) {
    zones.push([name, readZone(path)]);
  } else {
    if (!readFileSync(path).equals(readFileSync(join(folder, target)))) {
      throw new Error(`${name} is a link to ${target}, but their files differ`);
    }
    links.push([name, target]);
  }
}

const countries = new Map();
for (const line of readFileSync(join(folder, 'zone.tab'), 'utf8').split('\n')) {
  if (line === '' || line.startsWith('#')) continue;
  const [code, , name] = line.split('\t');
  countries.set(code, [...(countries.get(code) ?? []), name]);
}

const lines = (entries) =>
  [...entries]
    .toSorted(inOrder)
    .map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`)
    .join(',\n');

writeFileSync(
  output,
  `{"version":${JSON.stringify(version)},\n"zones":{\n${lines(zones)}\n},\n` +
    `"links":{\n${lines(links)}\n},\n"countries":{\n${lines(countries)}\n}}\n`,
);
process.stdout.write(`${output}: ${version}, ${zones.length} zones, ${links.length} links\n`);
