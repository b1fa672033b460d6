import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { prismaFolder, withSchemaEngine } from './schema-engine';

/**
 * The SQL that Prisma writes for `schema.prisma` on an empty database. A test compares the catalogue that it leaves
 * with the one that the migrations leave.
 */
export async function schemaSql(databaseUrl: string): Promise<string> {
  return withSchemaEngine(databaseUrl, async (engine) => {
    const path = join(prismaFolder(), 'schema.prisma');
    const result = await engine.diff({
      from: { tag: 'empty' },
      to: { tag: 'schemaDatamodel', files: [{ path, content: await readFile(path, 'utf8') }] },
      script: true,
      exitCode: null,
      filters: { externalTables: [], externalEnums: [] },
    });
    return result.stdout ?? '';
  });
}

if (require.main === module) {
  schemaSql(process.env['DATABASE_URL'] ?? '')
    .then(
      (script) => process.stdout.write(script),
      (error: unknown) => {
        process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
        process.exitCode = 1;
      },
    )
    // As in migrate.ts: the engine's timer would hold the process.
    .finally(() => process.exit());
}
