-- What the steward knows of a schedule that it had to revive: when, and how often its workflow had failed by then.
ALTER TABLE "schedule"
    ADD COLUMN "revived_at" TIMESTAMPTZ(3),
    ADD COLUMN "failures" SMALLINT NOT NULL DEFAULT 0;

-- When the counters of a closed occurrence were compared with the ledger.
ALTER TABLE "occurrence" ADD COLUMN "counted_at" TIMESTAMPTZ(3);

-- Schedules that want a workflow, soonest due first. What has begun has no next run and comes before everything.
CREATE INDEX "schedule_alive" ON "schedule"((coalesce("next_run_at", '-infinity'::timestamptz)), "id")
  WHERE "status" IN ('scheduled', 'running', 'paused');

-- Occurrences that want a workflow.
CREATE INDEX "occurrence_open" ON "occurrence"("id") WHERE "state" = 'open';

-- Closed occurrences whose counters nobody has compared with the ledger yet.
CREATE INDEX "occurrence_uncounted" ON "occurrence"("id") WHERE "state" <> 'open' AND "counted_at" IS NULL;
