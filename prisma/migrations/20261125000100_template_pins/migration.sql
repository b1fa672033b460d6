-- The version of the template that an occurrence delivers, chosen when it opens. Null where the content is the
-- schedule's own, or where the occurrence opened before versions were kept here: these read the newest.
ALTER TABLE "occurrence" ADD COLUMN "template_id" TEXT;
ALTER TABLE "occurrence" ADD COLUMN "template_version" INTEGER;

-- What a change of a template finds that is to reach occurrences under way.
CREATE INDEX "occurrence_open_template" ON "occurrence"("template_id") WHERE "state" = 'open' AND "template_id" IS NOT NULL;
