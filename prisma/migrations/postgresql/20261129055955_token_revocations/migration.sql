-- CreateEnum
CREATE TYPE "TokenRevocationKind" AS ENUM ('token', 'subject');

-- AlterTable
ALTER TABLE "service_keys" ADD COLUMN     "ending" TEXT NOT NULL DEFAULT '';

-- CreateTable
CREATE TABLE "token_revocations" (
    "uid" TEXT NOT NULL,
    "service_uid" TEXT NOT NULL,
    "kind" "TokenRevocationKind" NOT NULL,
    "value" TEXT NOT NULL,
    "revoked_at_ms" BIGINT NOT NULL,
    "revoked_by" TEXT NOT NULL,

    CONSTRAINT "token_revocations_pkey" PRIMARY KEY ("uid")
);

-- CreateIndex
CREATE UNIQUE INDEX "token_revocations_value_key" ON "token_revocations"("service_uid", "kind", "value");

-- AddForeignKey
ALTER TABLE "token_revocations" ADD CONSTRAINT "token_revocations_service_uid_fkey" FOREIGN KEY ("service_uid") REFERENCES "services"("uid") ON DELETE CASCADE ON UPDATE RESTRICT;
