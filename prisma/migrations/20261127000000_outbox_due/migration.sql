-- A backlog is taken in the order of what is due soonest, by an index: sorting all of it for every fifty commands took
-- longer than telling them. A writer of the release before leaves it empty, which comes first.
ALTER TABLE "outbox" ADD COLUMN "due_at" TIMESTAMPTZ(3);
UPDATE "outbox" o SET "due_at" = s."next_run_at" FROM "schedule" s WHERE s."id" = o."schedule_id" AND o."done_at" IS NULL;
DROP INDEX "outbox_undone";
CREATE INDEX "outbox_undone" ON "outbox"("due_at" NULLS FIRST, "id") WHERE "done_at" IS NULL;
