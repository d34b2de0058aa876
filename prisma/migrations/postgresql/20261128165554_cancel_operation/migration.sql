-- AlterTable
ALTER TABLE "operations" ADD COLUMN     "cancel_requested_at_ms" BIGINT,
ADD COLUMN     "cancel_requested_by" TEXT NOT NULL DEFAULT '';

-- AlterTable
ALTER TABLE "rollouts" ADD COLUMN     "is_cancelled" BOOLEAN NOT NULL DEFAULT false;

-- CreateIndex
CREATE INDEX "events_cause_idx" ON "events"("cause", "seq");

-- CreateIndex
CREATE INDEX "events_time_idx" ON "events"("at_ms", "seq");

-- CreateIndex
CREATE INDEX "operations_status_idx" ON "operations"("status", "created_at_ms", "uid");
