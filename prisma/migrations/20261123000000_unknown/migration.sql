-- Messages that wait for a person's decision (state 4, unknown): nearly none of a ledger, and looked for among all of it.
-- Prisma's language has no partial index.
CREATE INDEX "delivery_unknown" ON "delivery"("occurrence_id", "step", "rid") WHERE "state" = 4;
