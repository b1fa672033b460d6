-- How many messages other providers than the first of their channel carried, or failed with: a few rows, which say what
-- the sums by channel cannot. Half of each page stays free, so that a row that is raised all the time is rewritten
-- beside itself.
CREATE TABLE "provider_total" (
    "channel" SMALLINT NOT NULL,
    "provider" TEXT NOT NULL,
    "state" SMALLINT NOT NULL,
    "slot" SMALLINT NOT NULL,
    "count" BIGINT NOT NULL,

    CONSTRAINT "provider_total_pkey" PRIMARY KEY ("channel", "provider", "state", "slot")
) WITH (fillfactor = 50);
