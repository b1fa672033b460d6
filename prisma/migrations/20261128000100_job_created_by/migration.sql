-- Who ordered a job: `admin`, or the id of an API key. Of the jobs before nobody knows.
ALTER TABLE "job" ADD COLUMN "created_by" TEXT;
