-- By which epoch of Redis a tenant's messages are counted under the caps. A claim holds its row, so that a rebuild,
-- which writes a new epoch first, has every claim of the old one before its eyes and none after it.
CREATE TABLE "cap_epoch" (
    "tenant_id" INTEGER NOT NULL,
    "epoch" TEXT NOT NULL,
    "whole" BOOLEAN NOT NULL,
    "left_behind" TEXT[],

    CONSTRAINT "cap_epoch_pkey" PRIMARY KEY ("tenant_id")
);
