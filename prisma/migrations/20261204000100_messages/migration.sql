-- A container holds the messages of a tenant, a day and a category that belong to no schedule: the ledger and the counters
-- hang on it as on a firing. Its state is 'messages', so that nothing takes it for work, and its version 0. To the release
-- before it is counted already.
ALTER TABLE "occurrence" ALTER COLUMN "schedule_id" DROP NOT NULL;
ALTER TABLE "occurrence" ADD COLUMN "category" TEXT;
CREATE UNIQUE INDEX "occurrence_container" ON "occurrence"("tenant_id", "day", "category") WHERE "schedule_id" IS NULL;

-- Individual messages, and people of a schedule who wait for a place under their caps, until the outcome. Short: there may
-- be millions. Columns stand in the order in which they waste no space. A tenth of each page stays free, so that a claim
-- rewrites its row beside itself.
CREATE TABLE "pending_message" (
    "id" UUID NOT NULL,
    "rid" BIGINT NOT NULL,
    "container_id" BIGINT NOT NULL,
    "due" TIMESTAMPTZ(3) NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "tenant_id" INTEGER NOT NULL,
    "version" INTEGER NOT NULL DEFAULT 1,
    "shard" SMALLINT NOT NULL,
    "channel" SMALLINT NOT NULL,
    "priority" SMALLINT NOT NULL DEFAULT 3,
    "state" SMALLINT NOT NULL DEFAULT 1,
    "attempts" SMALLINT NOT NULL DEFAULT 0,
    "zone_source" SMALLINT NOT NULL,
    "sealed" BOOLEAN NOT NULL DEFAULT false,
    "zone" TEXT NOT NULL,
    "template_id" TEXT,
    "wall_time" TEXT,
    "reason" SMALLINT,
    "owner" UUID,
    "lease_until" TIMESTAMPTZ(3),

    CONSTRAINT "pending_message_pkey" PRIMARY KEY ("shard", "id")
) PARTITION BY LIST ("shard");

CREATE TABLE "pending_message_0" PARTITION OF "pending_message" FOR VALUES IN (0) WITH (fillfactor = 90);
CREATE TABLE "pending_message_1" PARTITION OF "pending_message" FOR VALUES IN (1) WITH (fillfactor = 90);
CREATE TABLE "pending_message_2" PARTITION OF "pending_message" FOR VALUES IN (2) WITH (fillfactor = 90);
CREATE TABLE "pending_message_3" PARTITION OF "pending_message" FOR VALUES IN (3) WITH (fillfactor = 90);
CREATE TABLE "pending_message_4" PARTITION OF "pending_message" FOR VALUES IN (4) WITH (fillfactor = 90);
CREATE TABLE "pending_message_5" PARTITION OF "pending_message" FOR VALUES IN (5) WITH (fillfactor = 90);
CREATE TABLE "pending_message_6" PARTITION OF "pending_message" FOR VALUES IN (6) WITH (fillfactor = 90);
CREATE TABLE "pending_message_7" PARTITION OF "pending_message" FOR VALUES IN (7) WITH (fillfactor = 90);
CREATE TABLE "pending_message_8" PARTITION OF "pending_message" FOR VALUES IN (8) WITH (fillfactor = 90);
CREATE TABLE "pending_message_9" PARTITION OF "pending_message" FOR VALUES IN (9) WITH (fillfactor = 90);
CREATE TABLE "pending_message_10" PARTITION OF "pending_message" FOR VALUES IN (10) WITH (fillfactor = 90);
CREATE TABLE "pending_message_11" PARTITION OF "pending_message" FOR VALUES IN (11) WITH (fillfactor = 90);
CREATE TABLE "pending_message_12" PARTITION OF "pending_message" FOR VALUES IN (12) WITH (fillfactor = 90);
CREATE TABLE "pending_message_13" PARTITION OF "pending_message" FOR VALUES IN (13) WITH (fillfactor = 90);
CREATE TABLE "pending_message_14" PARTITION OF "pending_message" FOR VALUES IN (14) WITH (fillfactor = 90);
CREATE TABLE "pending_message_15" PARTITION OF "pending_message" FOR VALUES IN (15) WITH (fillfactor = 90);

-- What is due of a tenant, by priority.
CREATE INDEX "pending_message_tenant_id_priority_due_idx" ON "pending_message"("tenant_id", "priority", "due");

-- What a shard waits for, and what is overdue there.
CREATE INDEX "pending_message_ordinary" ON "pending_message"("due") WHERE "priority" > 1;

-- Urgent ones, which are looked for in all shards.
CREATE INDEX "pending_message_urgent" ON "pending_message"("tenant_id", "due") WHERE "priority" = 1;

-- What waits for a person: erasure, a change of zone, lists.
CREATE INDEX "pending_message_rid_idx" ON "pending_message"("rid");

-- What a message says beyond its template, sealed under the person's key, and of which template one is that failed. By
-- the day of the message, as its row of the ledger.
CREATE TABLE "message_data" (
    "day" DATE NOT NULL,
    "id" UUID NOT NULL,
    "template_id" TEXT,
    "sealed" BYTEA,

    CONSTRAINT "message_data_pkey" PRIMARY KEY ("day", "id")
) PARTITION BY RANGE ("day");

-- Which message a tenant's key was given to, as a hash of both.
CREATE TABLE "message_dedupe" (
    "tenant_id" INTEGER NOT NULL,
    "key_hash" UUID NOT NULL,
    "message_id" UUID NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "message_dedupe_pkey" PRIMARY KEY ("tenant_id", "key_hash")
);

CREATE INDEX "message_dedupe_expires_at_idx" ON "message_dedupe"("expires_at");
