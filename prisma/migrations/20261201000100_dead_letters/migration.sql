-- Dead letters are looked for among all that was ever sent: rows that failed, and the occurrences that have some.
CREATE INDEX "delivery_failed" ON "delivery"("occurrence_id", "step", "rid") WHERE "state" = 11;
CREATE INDEX "counter_failed" ON "counter"("occurrence_id") WHERE "state" = 11;

-- A dead letter that is replayed is no longer failed, but a counter of Prometheus that goes down looks like a restart:
-- what it shows is "count" and "taken_back" together.
ALTER TABLE "outcome_total" ADD COLUMN "taken_back" BIGINT NOT NULL DEFAULT 0;
