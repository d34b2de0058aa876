-- AlterTable
ALTER TABLE "drills" ADD COLUMN     "expires_at_ms" BIGINT NOT NULL DEFAULT 0;
