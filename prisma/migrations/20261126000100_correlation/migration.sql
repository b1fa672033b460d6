-- The correlation id of the request that gave the command, or that wrote the version: pages log it beside what they send.
ALTER TABLE "outbox" ADD COLUMN "correlation_id" TEXT;
ALTER TABLE "schedule_version" ADD COLUMN "correlation_id" TEXT;
