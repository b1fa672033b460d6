-- The lifetime sums of "counter", a few rows a tenant: a sum over every occurrence there ever was takes seconds.
-- Half of each page stays free, so that a row that is raised all the time is rewritten beside itself.
CREATE TABLE "outcome_total" (
    "tenant_id" INTEGER NOT NULL,
    "channel" SMALLINT NOT NULL,
    "state" SMALLINT NOT NULL,
    "slot" SMALLINT NOT NULL,
    "count" BIGINT NOT NULL,

    CONSTRAINT "outcome_total_pkey" PRIMARY KEY ("tenant_id", "channel", "state", "slot")
) WITH (fillfactor = 50);

-- Raised by triggers, so that whoever raises a counter raises its total in the same statement: workers of the release
-- before, and stewards that mend, as well. Counters that are deleted stay in the totals.
-- Always counters first and totals after them, these in the order of their key: so no two statements wait for each other.
-- (\073 is a semicolon: the engine splits statements at each, even within a quoted body.)
CREATE FUNCTION "outcome_total_of_new"() RETURNS TRIGGER LANGUAGE plpgsql AS
  E'begin
      insert into outcome_total (tenant_id, channel, state, slot, count)
      select o.tenant_id, c.channel, c.state, c.slot, sum(c.count)
        from added c
        join occurrence o on o.id = c.occurrence_id
       group by o.tenant_id, c.channel, c.state, c.slot
       order by o.tenant_id, c.channel, c.state, c.slot
      on conflict (tenant_id, channel, state, slot) do update set count = outcome_total.count + excluded.count\073
      return null\073
    end\073';

CREATE FUNCTION "outcome_total_of_change"() RETURNS TRIGGER LANGUAGE plpgsql AS
  E'begin
      insert into outcome_total (tenant_id, channel, state, slot, count)
      select o.tenant_id, c.channel, c.state, c.slot, sum(c.count)
        from (select occurrence_id, channel, state, slot, count from added
               union all
              select occurrence_id, channel, state, slot, -count from replaced) c
        join occurrence o on o.id = c.occurrence_id
       group by o.tenant_id, c.channel, c.state, c.slot
      having sum(c.count) <> 0
       order by o.tenant_id, c.channel, c.state, c.slot
      on conflict (tenant_id, channel, state, slot) do update set count = outcome_total.count + excluded.count\073
      return null\073
    end\073';

-- One statement, so that nothing is counted twice or not at all while the release before goes on counting.
DO E'begin
  lock table counter in share row exclusive mode\073
  insert into outcome_total (tenant_id, channel, state, slot, count)
  select o.tenant_id, c.channel, c.state, c.slot, sum(c.count)
    from counter c
    join occurrence o on o.id = c.occurrence_id
   group by o.tenant_id, c.channel, c.state, c.slot\073
  create trigger counter_total_new after insert on counter referencing new table as added
    for each statement execute function outcome_total_of_new()\073
  create trigger counter_total_change after update on counter referencing new table as added old table as replaced
    for each statement execute function outcome_total_of_change()\073
end\073';

-- Occurrences of a tenant by their own date and by when they opened: what metrics are asked for.
CREATE INDEX "occurrence_tenant_id_day_idx" ON "occurrence"("tenant_id", "day");
CREATE INDEX "occurrence_tenant_id_opened_at_idx" ON "occurrence"("tenant_id", "opened_at");
