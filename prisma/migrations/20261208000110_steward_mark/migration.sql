-- What the steward `rebuild` last reported. Its workflow remembers the same: where the two differ, Temporal or this database
-- was restored from a backup.
CREATE TABLE "steward_mark" (
    "duty" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "steward_mark_pkey" PRIMARY KEY ("duty")
);
