-- The key under which a tenant's addresses are hashed, wrapped by SUNDIAL_ENCRYPTION_KEYS. Made once and never changed:
-- whoever lost it would not know any more who wants nothing.
CREATE TABLE "address_key" (
    "tenant_id" INTEGER NOT NULL,
    "wrapped" BYTEA NOT NULL,

    CONSTRAINT "address_key_pkey" PRIMARY KEY ("tenant_id")
);

-- Addresses that a channel writes to no more, as hashes under that key. It names no person: erasure leaves it.
CREATE TABLE "suppression" (
    "tenant_id" INTEGER NOT NULL,
    "channel" SMALLINT NOT NULL,
    "hash" BYTEA NOT NULL,
    "id" TEXT NOT NULL,
    "reason" SMALLINT NOT NULL,
    "source" TEXT NOT NULL,
    "created_by" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "suppression_pkey" PRIMARY KEY ("tenant_id", "channel", "hash")
);

CREATE UNIQUE INDEX "suppression_tenant_id_id_key" ON "suppression"("tenant_id", "id");
