-- CreateTable
CREATE TABLE "tenant" (
    "id" SERIAL NOT NULL,
    "name" TEXT NOT NULL,
    "default_time_zone" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "tenant_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "api_key" (
    "id" TEXT NOT NULL,
    "tenant_id" INTEGER NOT NULL,
    "name" TEXT NOT NULL,
    "role" TEXT NOT NULL,
    "scopes" TEXT[],
    "prefix" TEXT NOT NULL,
    "hash" BYTEA NOT NULL,
    "created_by" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "revoked_at" TIMESTAMPTZ(3),

    CONSTRAINT "api_key_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "recipient" (
    "rid" BIGSERIAL NOT NULL,
    "tenant_id" INTEGER NOT NULL,
    "external_id" TEXT,
    "time_zone" TEXT,
    "zone" TEXT,
    "zone_source" SMALLINT NOT NULL DEFAULT 0,
    "locale" TEXT,
    "email" BYTEA,
    "phone" BYTEA,
    "attributes" JSONB NOT NULL DEFAULT '{}',
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "erased_at" TIMESTAMPTZ(3),

    CONSTRAINT "recipient_pkey" PRIMARY KEY ("rid")
);

-- CreateTable
CREATE TABLE "recipient_key" (
    "rid" BIGINT NOT NULL,
    "wrapped" BYTEA NOT NULL,

    CONSTRAINT "recipient_key_pkey" PRIMARY KEY ("rid")
);

-- CreateTable
CREATE TABLE "template" (
    "id" TEXT NOT NULL,
    "tenant_id" INTEGER NOT NULL,
    "name" TEXT NOT NULL,
    "version" INTEGER NOT NULL DEFAULT 1,
    "active" BOOLEAN NOT NULL DEFAULT true,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "archived_at" TIMESTAMPTZ(3),

    CONSTRAINT "template_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "template_version" (
    "template_id" TEXT NOT NULL,
    "version" INTEGER NOT NULL,
    "definition" JSONB NOT NULL,
    "created_by" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "template_version_pkey" PRIMARY KEY ("template_id","version")
);

-- CreateTable
CREATE TABLE "schedule" (
    "id" TEXT NOT NULL,
    "tenant_id" INTEGER NOT NULL,
    "name" TEXT NOT NULL,
    "schedule_type" TEXT NOT NULL,
    "channel" TEXT NOT NULL,
    "tags" TEXT[],
    "status" TEXT NOT NULL,
    "version" INTEGER NOT NULL DEFAULT 1,
    "applied_version" INTEGER NOT NULL DEFAULT 0,
    "next_run_at" TIMESTAMPTZ(3),
    "created_by" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "archived_at" TIMESTAMPTZ(3),

    CONSTRAINT "schedule_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "schedule_version" (
    "schedule_id" TEXT NOT NULL,
    "version" INTEGER NOT NULL,
    "config" JSONB NOT NULL,
    "created_by" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "schedule_version_pkey" PRIMARY KEY ("schedule_id","version")
);

-- CreateTable
CREATE TABLE "outbox" (
    "id" BIGSERIAL NOT NULL,
    "tenant_id" INTEGER NOT NULL,
    "schedule_id" TEXT NOT NULL,
    "version" INTEGER NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "done_at" TIMESTAMPTZ(3),

    CONSTRAINT "outbox_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "occurrence" (
    "id" BIGSERIAL NOT NULL,
    "tenant_id" INTEGER NOT NULL,
    "schedule_id" TEXT NOT NULL,
    "version" INTEGER NOT NULL,
    "nominal" TEXT NOT NULL,
    "day" DATE NOT NULL,
    "state" TEXT NOT NULL,
    "opened_at" TIMESTAMPTZ(3) NOT NULL,
    "closed_at" TIMESTAMPTZ(3),

    CONSTRAINT "occurrence_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "delivery" (
    "day" DATE NOT NULL,
    "occurrence_id" BIGINT NOT NULL,
    "step" TEXT NOT NULL DEFAULT '',
    "rid" BIGINT NOT NULL,
    "state" SMALLINT NOT NULL,
    "reason" SMALLINT,
    "channel" SMALLINT,
    "adjusted" SMALLINT,
    "zone_source" SMALLINT NOT NULL,
    "attempts" SMALLINT NOT NULL DEFAULT 0,
    "zone" TEXT NOT NULL,
    "locale" TEXT,
    "due" TIMESTAMPTZ(3) NOT NULL,
    "settled_at" TIMESTAMPTZ(3),
    "owner" UUID,
    "lease_until" TIMESTAMPTZ(3),

    CONSTRAINT "delivery_pkey" PRIMARY KEY ("day","occurrence_id","step","rid")
) PARTITION BY RANGE ("day");

-- CreateTable
CREATE TABLE "counter" (
    "occurrence_id" BIGINT NOT NULL,
    "step" TEXT NOT NULL DEFAULT '',
    "variant" TEXT NOT NULL DEFAULT '',
    "channel" SMALLINT NOT NULL,
    "state" SMALLINT NOT NULL,
    "slot" SMALLINT NOT NULL,
    "count" BIGINT NOT NULL,

    CONSTRAINT "counter_pkey" PRIMARY KEY ("occurrence_id","step","variant","channel","state","slot")
);

-- CreateTable
CREATE TABLE "job" (
    "id" TEXT NOT NULL,
    "tenant_id" INTEGER NOT NULL,
    "kind" TEXT NOT NULL,
    "status" TEXT NOT NULL,
    "done" INTEGER NOT NULL DEFAULT 0,
    "total" INTEGER NOT NULL DEFAULT 0,
    "failed" INTEGER NOT NULL DEFAULT 0,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "finished_at" TIMESTAMPTZ(3),

    CONSTRAINT "job_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "tenant_name_key" ON "tenant"("name");

-- CreateIndex
CREATE UNIQUE INDEX "api_key_hash_key" ON "api_key"("hash");

-- CreateIndex
CREATE INDEX "api_key_tenant_id_id_idx" ON "api_key"("tenant_id", "id");

-- CreateIndex
CREATE INDEX "recipient_tenant_id_rid_idx" ON "recipient"("tenant_id", "rid");

-- CreateIndex
CREATE INDEX "recipient_attributes_idx" ON "recipient" USING GIN ("attributes" jsonb_path_ops);

-- CreateIndex
CREATE UNIQUE INDEX "recipient_tenant_id_external_id_key" ON "recipient"("tenant_id", "external_id");

-- CreateIndex
CREATE INDEX "template_tenant_id_id_idx" ON "template"("tenant_id", "id");

-- CreateIndex
CREATE INDEX "schedule_tenant_id_id_idx" ON "schedule"("tenant_id", "id");

-- CreateIndex
CREATE UNIQUE INDEX "occurrence_schedule_id_nominal_key" ON "occurrence"("schedule_id", "nominal");

-- CreateIndex
CREATE INDEX "job_tenant_id_id_idx" ON "job"("tenant_id", "id");

-- AddForeignKey
ALTER TABLE "recipient_key" ADD CONSTRAINT "recipient_key_rid_fkey" FOREIGN KEY ("rid") REFERENCES "recipient"("rid") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "template_version" ADD CONSTRAINT "template_version_template_id_fkey" FOREIGN KEY ("template_id") REFERENCES "template"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "schedule_version" ADD CONSTRAINT "schedule_version_schedule_id_fkey" FOREIGN KEY ("schedule_id") REFERENCES "schedule"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "occurrence" ADD CONSTRAINT "occurrence_schedule_id_fkey" FOREIGN KEY ("schedule_id") REFERENCES "schedule"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- Schedules that something is still to come of, by when: Prisma's language has no partial index.
CREATE INDEX "schedule_next_run" ON "schedule"("next_run_at") WHERE "status" IN ('scheduled', 'running');

-- Commands that no workflow has been told of yet.
CREATE INDEX "outbox_undone" ON "outbox"("id") WHERE "done_at" IS NULL;

-- The tenant that a fresh installation works in. Its zone follows SUNDIAL_DEFAULT_TIME_ZONE at start.
-- (No semicolon may stand in a comment here: the engine splits statements at each.)
INSERT INTO "tenant" ("name", "default_time_zone") VALUES ('default', 'UTC');
