-- When an occurrence's rows of the ledger were dropped with their day: what is left of it are its sums.
ALTER TABLE "occurrence" ADD COLUMN "dropped_at" TIMESTAMPTZ(3);
