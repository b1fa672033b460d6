-- Who holds an address within an occurrence and step: a keyed hash of both, so that it is worth nothing anywhere else.
-- Kept while a message is on its way, was sent or may have been. Whoever ends otherwise gives it up.
ALTER TABLE "delivery" ADD COLUMN "address_key" UUID;

-- One message an address: the hash is of occurrence and step as well, so that they need not stand in the index, which is
-- a third smaller without them. Channels without addresses stay out of it. Prisma's language has no partial index.
CREATE UNIQUE INDEX "delivery_address" ON "delivery"("day", "address_key") WHERE "address_key" IS NOT NULL;
