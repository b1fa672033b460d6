-- How many errors of a job stand in job_error, and how many beyond those were only counted.
ALTER TABLE "job" ADD COLUMN "errors_kept" INTEGER NOT NULL DEFAULT 0,
ADD COLUMN "errors_left_out" INTEGER NOT NULL DEFAULT 0;
UPDATE "job" j SET "errors_kept" = (SELECT count(*) FROM "job_error" e WHERE e."job_id" = j."id") WHERE j."status" = 'running';
