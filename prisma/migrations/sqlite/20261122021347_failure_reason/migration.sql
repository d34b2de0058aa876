-- AlterTable
ALTER TABLE "reconciliations" ADD COLUMN "failure_reason" TEXT;
