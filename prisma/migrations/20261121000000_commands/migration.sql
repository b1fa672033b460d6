-- One row a command, by month (design.md "Tables"): the key holds the partition column because Postgres demands it.
-- Rows whose month has no partition of its own are kept in the default one.
CREATE TABLE "audit" (
    "seq" BIGSERIAL NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "tenant_id" INTEGER NOT NULL,
    "action" TEXT NOT NULL,
    "actor_id" TEXT NOT NULL,
    "schedule_id" TEXT,
    "payload_diff" JSONB NOT NULL,

    CONSTRAINT "audit_pkey" PRIMARY KEY ("seq", "at")
) PARTITION BY RANGE ("at");

CREATE TABLE "audit_default" PARTITION OF "audit" DEFAULT;

CREATE INDEX "audit_schedule_id_seq_idx" ON "audit"("schedule_id", "seq");

-- What was recorded stays as it was. Old months are dropped as whole partitions.
-- (\073 is a semicolon: the engine splits statements at each, even within a quoted body.)
CREATE FUNCTION "audit_refuse_change"() RETURNS TRIGGER LANGUAGE plpgsql AS
  E'begin raise exception ''Rows of audit are never changed or deleted.'' using errcode = ''restrict_violation''\073 end\073';

CREATE TRIGGER "audit_keep_rows" BEFORE UPDATE OR DELETE ON "audit"
  FOR EACH ROW EXECUTE FUNCTION "audit_refuse_change"();

CREATE TRIGGER "audit_keep_all" BEFORE TRUNCATE ON "audit"
  FOR EACH STATEMENT EXECUTE FUNCTION "audit_refuse_change"();

-- Answers to writes that came with an Idempotency-Key, in 16 parts so that none of their indexes grows hot.
CREATE TABLE "idempotency" (
    "id" BYTEA NOT NULL,
    "tenant_id" INTEGER NOT NULL,
    "recipient" BYTEA,
    "key_id" TEXT NOT NULL,
    "sealed" BYTEA NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "idempotency_pkey" PRIMARY KEY ("id")
) PARTITION BY HASH ("id");

CREATE TABLE "idempotency_0" PARTITION OF "idempotency" FOR VALUES WITH (MODULUS 16, REMAINDER 0);
CREATE TABLE "idempotency_1" PARTITION OF "idempotency" FOR VALUES WITH (MODULUS 16, REMAINDER 1);
CREATE TABLE "idempotency_2" PARTITION OF "idempotency" FOR VALUES WITH (MODULUS 16, REMAINDER 2);
CREATE TABLE "idempotency_3" PARTITION OF "idempotency" FOR VALUES WITH (MODULUS 16, REMAINDER 3);
CREATE TABLE "idempotency_4" PARTITION OF "idempotency" FOR VALUES WITH (MODULUS 16, REMAINDER 4);
CREATE TABLE "idempotency_5" PARTITION OF "idempotency" FOR VALUES WITH (MODULUS 16, REMAINDER 5);
CREATE TABLE "idempotency_6" PARTITION OF "idempotency" FOR VALUES WITH (MODULUS 16, REMAINDER 6);
CREATE TABLE "idempotency_7" PARTITION OF "idempotency" FOR VALUES WITH (MODULUS 16, REMAINDER 7);
CREATE TABLE "idempotency_8" PARTITION OF "idempotency" FOR VALUES WITH (MODULUS 16, REMAINDER 8);
CREATE TABLE "idempotency_9" PARTITION OF "idempotency" FOR VALUES WITH (MODULUS 16, REMAINDER 9);
CREATE TABLE "idempotency_10" PARTITION OF "idempotency" FOR VALUES WITH (MODULUS 16, REMAINDER 10);
CREATE TABLE "idempotency_11" PARTITION OF "idempotency" FOR VALUES WITH (MODULUS 16, REMAINDER 11);
CREATE TABLE "idempotency_12" PARTITION OF "idempotency" FOR VALUES WITH (MODULUS 16, REMAINDER 12);
CREATE TABLE "idempotency_13" PARTITION OF "idempotency" FOR VALUES WITH (MODULUS 16, REMAINDER 13);
CREATE TABLE "idempotency_14" PARTITION OF "idempotency" FOR VALUES WITH (MODULUS 16, REMAINDER 14);
CREATE TABLE "idempotency_15" PARTITION OF "idempotency" FOR VALUES WITH (MODULUS 16, REMAINDER 15);

CREATE INDEX "idempotency_expires_at_idx" ON "idempotency"("expires_at");

-- What to forget when a person is erased.
CREATE INDEX "idempotency_recipient" ON "idempotency"("recipient") WHERE "recipient" IS NOT NULL;
