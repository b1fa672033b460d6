-- When somebody is to look at a message: at its instant, or once the lease on it has run out. What is on its way, or waits
-- for its next try, is then out of the way of whoever looks for what is due.
ALTER TABLE "pending_message"
    ADD COLUMN "provider" TEXT,
    ADD COLUMN "on_cap" SMALLINT NOT NULL DEFAULT 1,
    ADD COLUMN "ready_at" TIMESTAMPTZ(3) NOT NULL GENERATED ALWAYS AS (coalesce("lease_until", "due")) STORED;

DROP INDEX "pending_message_tenant_id_priority_due_idx";
DROP INDEX "pending_message_ordinary";
DROP INDEX "pending_message_urgent";

-- What is ready of a tenant, by priority.
CREATE INDEX "pending_message_tenant_id_priority_ready_at_idx" ON "pending_message"("tenant_id", "priority", "ready_at");

-- What a shard waits for, and what is overdue there.
CREATE INDEX "pending_message_ordinary" ON "pending_message"("ready_at") WHERE "priority" > 1;

-- The same of urgent ones, which are looked for in all shards.
CREATE INDEX "pending_message_urgent" ON "pending_message"("ready_at") WHERE "priority" = 1;
