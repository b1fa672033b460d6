-- Long jobs that a workflow carries out: what they were told, how far they are, and why they ended.
ALTER TABLE "job" ADD COLUMN "spec" JSONB,
ADD COLUMN "step" INTEGER NOT NULL DEFAULT 0,
ADD COLUMN "steps" INTEGER NOT NULL DEFAULT 0,
ADD COLUMN "failures" INTEGER NOT NULL DEFAULT 0,
ADD COLUMN "failure" TEXT,
ADD COLUMN "told_at" TIMESTAMPTZ(3),
ADD COLUMN "moved_at" TIMESTAMPTZ(3);

-- Jobs that a workflow has to carry on. Prisma's language has no partial index.
CREATE INDEX "job_running" ON "job"("id") WHERE "status" = 'running';

-- A file on its way in, in blocks of whole records, sealed by the key ring. No foreign key: the blocks come first.
CREATE TABLE "job_block" (
    "job_id" TEXT NOT NULL,
    "seq" INTEGER NOT NULL,
    "first_line" INTEGER NOT NULL,
    "rows" INTEGER NOT NULL,
    "key_id" TEXT,
    "sealed" BYTEA,
    "rids" BIGINT[],
    "lines" INTEGER[],
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "job_block_pkey" PRIMARY KEY ("job_id", "seq")
);

-- What is sealed does not compress: to try would cost more than to write it.
ALTER TABLE "job_block" ALTER COLUMN "sealed" SET STORAGE EXTERNAL;

-- What a job refused, by the line of its file: where and why, and never the value.
CREATE TABLE "job_error" (
    "job_id" TEXT NOT NULL,
    "line" INTEGER NOT NULL,
    "place" INTEGER NOT NULL,
    "column" TEXT,
    "code" TEXT NOT NULL,
    "reason" TEXT NOT NULL,

    CONSTRAINT "job_error_pkey" PRIMARY KEY ("job_id", "line", "place")
);

ALTER TABLE "job_error" ADD CONSTRAINT "job_error_job_id_fkey" FOREIGN KEY ("job_id") REFERENCES "job"("id") ON DELETE CASCADE ON UPDATE CASCADE;
