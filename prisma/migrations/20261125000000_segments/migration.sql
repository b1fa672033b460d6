-- A named audience. `condition` is its canonical form, in which people stand by rid. `query` is what the client wrote,
-- people by rid, where that can be shown again.
CREATE TABLE "segment" (
    "id" TEXT NOT NULL,
    "tenant_id" INTEGER NOT NULL,
    "name" TEXT NOT NULL,
    "version" INTEGER NOT NULL DEFAULT 1,
    "query" JSONB,
    "condition" JSONB NOT NULL,
    "segments" TEXT[],
    "created_by" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "archived_at" TIMESTAMPTZ(3),

    CONSTRAINT "segment_pkey" PRIMARY KEY ("id")
);

CREATE INDEX "segment_tenant_id_id_idx" ON "segment"("tenant_id", "id");

-- Which segments a schedule's current version asks for.
ALTER TABLE "schedule" ADD COLUMN "segments" TEXT[] DEFAULT ARRAY[]::TEXT[];

-- Who uses a segment: most schedules use none and stay out of it.
CREATE INDEX "schedule_segments" ON "schedule" USING GIN ("segments") WHERE "segments" <> '{}';
CREATE INDEX "segment_segments" ON "segment" USING GIN ("segments") WHERE "segments" <> '{}';

-- Which stored queries name people by their own ids, because they did not exist when the query was written: what the
-- erasure of a person goes through.
CREATE INDEX "schedule_version_names" ON "schedule_version"("schedule_id")
  WHERE jsonb_path_exists("config" -> 'audience', '$.**?(exists(@.ids[*]) || @.attribute == "id")');
CREATE INDEX "segment_names" ON "segment"("id")
  WHERE jsonb_path_exists("condition", '$.**?(exists(@.ids[*]) || @.attribute == "id")');
