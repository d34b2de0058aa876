-- CreateTable
CREATE TABLE "service_keys" (
    "uid" TEXT NOT NULL,
    "service_uid" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "key_hash" TEXT NOT NULL,
    "created_at_ms" BIGINT NOT NULL,
    "created_by" TEXT NOT NULL,
    "expires_at_ms" BIGINT,
    "revoked_at_ms" BIGINT,

    CONSTRAINT "service_keys_pkey" PRIMARY KEY ("uid")
);

-- CreateIndex
CREATE UNIQUE INDEX "service_keys_hash_key" ON "service_keys"("key_hash");

-- CreateIndex
CREATE INDEX "service_keys_service_idx" ON "service_keys"("service_uid");

-- AddForeignKey
ALTER TABLE "service_keys" ADD CONSTRAINT "service_keys_service_uid_fkey" FOREIGN KEY ("service_uid") REFERENCES "services"("uid") ON DELETE CASCADE ON UPDATE RESTRICT;
