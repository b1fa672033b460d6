import { readMigrations, withSchemaEngine } from './schema-engine';

const noFilters = { externalTables: [], externalEnums: [] };

/** Applies every pending migration and names those that it applied, oldest first. */
export async function migrate(databaseUrl: string): Promise<string[]> {
  return withSchemaEngine(databaseUrl, async (engine) => {
    const migrationsList = await readMigrations();
    const applied = await engine.applyMigrations({ migrationsList, filters: noFilters });
    return applied.appliedMigrationNames;
  });
}

async function main(): Promise<void> {
  const url = process.env['DATABASE_URL'];
  if (!url) throw new Error('DATABASE_URL is not set: name the database to migrate.');
  const applied = await migrate(url);
  process.stdout.write(
    applied.length === 0 ? 'The database is up to date.\n' : `Applied: ${applied.join(', ')}\n`,
  );
}

if (require.main === module) {
  main()
    .catch((error: unknown) => {
      process.stderr.write(`Migration failed: ${error instanceof Error ? error.message : String(error)}\n`);
      process.exitCode = 1;
    })
    // The engine leaves a timer of ten seconds behind (its lock time-out), which would hold the process.
    .finally(() => process.exit());
}
