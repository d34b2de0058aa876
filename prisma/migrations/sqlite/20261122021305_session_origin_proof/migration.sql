-- AlterTable
ALTER TABLE "sessions" ADD COLUMN "proof_hash" TEXT;
