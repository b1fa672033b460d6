import { defineConfig } from 'prisma/config';

// Read by Prisma's own tool (`prisma generate`, `prisma migrate deploy`). `npm run migrate` needs no downloaded engine.
export default defineConfig({
  schema: 'prisma/schema.prisma',
  migrations: { path: 'prisma/migrations' },
  datasource: { url: process.env['DATABASE_URL'] ?? 'postgresql://localhost:5432/sundial' },
});
