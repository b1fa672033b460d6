import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { moveIntoPlace } from './move-into-place';
import { isExecutable } from './path';
import { lastLine, run } from './run';
import type { Source } from './source';
import { found, missing, type Way } from './way';

export interface MavenProgram {
  readonly group: string;
  readonly artifact: string;
  readonly version: string;
  readonly mainClass: string;
}

/** Collects a Java program's jars and writes an executable beside them that runs it. */
export function mavenWay(program: MavenProgram, file: string, log: string): Way<Source> {
  return {
    name: 'Maven',
    async attempt(tell) {
      for (const tool of ['java', 'mvn']) {
        if ((await run(tool, ['-version'])).code !== 0) return missing(`${tool} is not installed`);
      }
      tell('collecting its jars, once');
      const folder = path.dirname(file);
      const aside = `${folder}.collecting-${process.pid}`;
      mkdirSync(aside, { recursive: true });
      try {
        writeFileSync(path.join(aside, 'pom.xml'), projectOf(program));
        const args = ['-B', '-f', path.join(aside, 'pom.xml'), 'dependency:copy-dependencies'];
        const copied = await run('mvn', [...args, '-DincludeScope=runtime', '-DoutputDirectory=jars'], {
          log,
        });
        if (copied.code !== 0) return missing(`Maven cannot collect it: ${lastLine(copied)} (log: ${log})`);
        const launcher = path.join(aside, path.basename(file));
        writeFileSync(launcher, launcherOf(program));
        chmodSync(launcher, 0o755);
        moveIntoPlace(aside, folder);
      } finally {
        rmSync(aside, { recursive: true, force: true });
      }
      return isExecutable(file)
        ? found({ kind: 'program', file, from: 'Maven' })
        : missing(`${file} is not there`);
    },
  };
}

/** Its log goes beside it: the SDK that starts it would show whatever it says. */
function launcherOf({ mainClass }: MavenProgram): string {
  return [
    '#!/bin/sh',
    'here=$(dirname "$0")',
    `exec java -cp "$here/jars/*" ${mainClass} "$@" 2>>"$here/server.log"`,
    '',
  ].join('\n');
}

/** The smallest project that depends on it: Maven resolves nothing without one. */
function projectOf({ group, artifact, version }: MavenProgram): string {
  return `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>sundial</groupId>
  <artifactId>collected</artifactId>
  <version>1</version>
  <dependencies>
    <dependency>
      <groupId>${group}</groupId>
      <artifactId>${artifact}</artifactId>
      <version>${version}</version>
    </dependency>
  </dependencies>
</project>
`;
}
