-- AlterTable
ALTER TABLE "tokens" ADD COLUMN     "expires_at_ms" BIGINT;
