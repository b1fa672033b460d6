-- Who carried it. Mostly that is the first provider of the channel, which is left null and costs nothing.
ALTER TABLE "delivery" ADD COLUMN "provider" TEXT;

-- The steps of a delivery's way through channels and providers, wherever its row does not say all of it: most have none.
CREATE TABLE "attempt" (
    "day" DATE NOT NULL,
    "occurrence_id" BIGINT NOT NULL,
    "step" TEXT NOT NULL DEFAULT '',
    "rid" BIGINT NOT NULL,
    "seq" SMALLINT NOT NULL,
    "channel" SMALLINT,
    "result" SMALLINT NOT NULL,
    "reason" SMALLINT,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "provider" TEXT,

    CONSTRAINT "attempt_pkey" PRIMARY KEY ("day", "occurrence_id", "step", "rid", "seq")
) PARTITION BY RANGE ("day");

-- Beside each day that the ledger has already.
-- (\073 is a semicolon: the engine splits statements at each, even within a quoted body.)
DO E'declare
  part record\073
begin
  for part in
    select right(c.relname, 8)::date as day
      from pg_inherits i
      join pg_class c on c.oid = i.inhrelid
     where i.inhparent = ''delivery''::regclass and c.relname like ''delivery_________''
  loop
    execute format(''create table attempt_%s partition of attempt for values from (%L) to (%L)'',
                   to_char(part.day, ''YYYYMMDD''), part.day, part.day + 1)\073
  end loop\073
end\073';
