-- CreateEnum
CREATE TYPE "SpotLocationStatus" AS ENUM ('ACTIVE', 'PREEMPTED');

-- CreateEnum
CREATE TYPE "DrillStatus" AS ENUM ('RUNNING', 'SUCCEEDED', 'FAILED');

-- CreateEnum
CREATE TYPE "RolloutMode" AS ENUM ('rolling', 'blue_green', 'canary');

-- CreateEnum
CREATE TYPE "RolloutStatus" AS ENUM ('PROGRESSING', 'ROLLING_BACK', 'SUCCEEDED', 'ROLLED_BACK', 'SUPERSEDED');

-- AlterEnum
ALTER TYPE "EventKind" ADD VALUE 'rollout';

-- AlterEnum
ALTER TYPE "ServiceStatus" ADD VALUE 'PAUSED';

-- AlterTable
ALTER TABLE "installation" ADD COLUMN     "restored_at_ms" BIGINT,
ADD COLUMN     "restored_from" TEXT NOT NULL DEFAULT '';

-- AlterTable
ALTER TABLE "operations" ADD COLUMN     "details" JSONB,
ADD COLUMN     "details_version" INTEGER NOT NULL DEFAULT 1;

-- AlterTable
ALTER TABLE "replicas" ADD COLUMN     "accelerator" TEXT NOT NULL DEFAULT '',
ADD COLUMN     "instance_type" TEXT NOT NULL DEFAULT '',
ADD COLUMN     "is_spot" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN     "offer_id" TEXT NOT NULL DEFAULT '',
ADD COLUMN     "price_usd_per_hour" DOUBLE PRECISION NOT NULL DEFAULT 0,
ADD COLUMN     "region" TEXT NOT NULL DEFAULT '',
ADD COLUMN     "zone" TEXT NOT NULL DEFAULT '';

-- AlterTable
ALTER TABLE "request_counts" DROP CONSTRAINT "request_counts_pkey",
ADD COLUMN     "latency" JSONB,
ADD COLUMN     "latency_version" INTEGER NOT NULL DEFAULT 1,
ADD COLUMN     "parked_peak" INTEGER NOT NULL DEFAULT 0,
ADD COLUMN     "version" INTEGER NOT NULL DEFAULT 0,
ADD CONSTRAINT "request_counts_pkey" PRIMARY KEY ("service_uid", "version", "epoch", "slot");

-- AlterTable
ALTER TABLE "services" ADD COLUMN     "is_paused" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN     "ready_since_ms" BIGINT,
ADD COLUMN     "schedule" JSONB,
ADD COLUMN     "schedule_version" INTEGER NOT NULL DEFAULT 1,
ADD COLUMN     "stable_version" INTEGER NOT NULL DEFAULT 0,
ADD COLUMN     "target_replicas" INTEGER NOT NULL DEFAULT 0;

-- AlterTable
ALTER TABLE "service_versions" ADD COLUMN     "content_hash" TEXT NOT NULL DEFAULT '',
ADD COLUMN     "task_version" INTEGER NOT NULL DEFAULT 0;

-- CreateTable
CREATE TABLE "autoscaler_states" (
    "service_uid" TEXT NOT NULL,
    "target_replicas" INTEGER NOT NULL,
    "up_ticks" INTEGER NOT NULL DEFAULT 0,
    "down_ticks" INTEGER NOT NULL DEFAULT 0,
    "ticked_at_ms" BIGINT,
    "changed_at_ms" BIGINT,

    CONSTRAINT "autoscaler_states_pkey" PRIMARY KEY ("service_uid")
);

-- CreateTable
CREATE TABLE "scaling_decisions" (
    "uid" TEXT NOT NULL,
    "service_uid" TEXT NOT NULL,
    "at_ms" BIGINT NOT NULL,
    "from_replicas" INTEGER NOT NULL,
    "to_replicas" INTEGER NOT NULL,
    "reason" TEXT NOT NULL,
    "message" TEXT NOT NULL,
    "terms" JSONB NOT NULL,
    "terms_version" INTEGER NOT NULL,

    CONSTRAINT "scaling_decisions_pkey" PRIMARY KEY ("uid")
);

-- CreateTable
CREATE TABLE "spot_locations" (
    "service_uid" TEXT NOT NULL,
    "infra" TEXT NOT NULL,
    "region" TEXT NOT NULL,
    "zone" TEXT NOT NULL,
    "status" "SpotLocationStatus" NOT NULL DEFAULT 'ACTIVE',
    "changed_at_ms" BIGINT NOT NULL,

    CONSTRAINT "spot_locations_pkey" PRIMARY KEY ("service_uid","infra","region","zone")
);

-- CreateTable
CREATE TABLE "drills" (
    "uid" TEXT NOT NULL,
    "service_uid" TEXT NOT NULL,
    "service_name" TEXT NOT NULL,
    "target" TEXT NOT NULL,
    "repeats" INTEGER NOT NULL,
    "status" "DrillStatus" NOT NULL DEFAULT 'RUNNING',
    "status_reason" TEXT NOT NULL DEFAULT '',
    "started_at_ms" BIGINT NOT NULL,
    "started_by" TEXT NOT NULL,
    "finished_at_ms" BIGINT,
    "result" JSONB,
    "result_version" INTEGER NOT NULL DEFAULT 1,

    CONSTRAINT "drills_pkey" PRIMARY KEY ("uid")
);

-- CreateTable
CREATE TABLE "rollouts" (
    "uid" TEXT NOT NULL,
    "service_uid" TEXT NOT NULL,
    "service_name" TEXT NOT NULL,
    "operation_uid" TEXT NOT NULL,
    "from_version" INTEGER NOT NULL,
    "to_version" INTEGER NOT NULL,
    "mode" "RolloutMode" NOT NULL,
    "settings" JSONB NOT NULL,
    "settings_version" INTEGER NOT NULL,
    "row_version" INTEGER NOT NULL DEFAULT 1,
    "status" "RolloutStatus" NOT NULL DEFAULT 'PROGRESSING',
    "status_reason" TEXT NOT NULL DEFAULT '',
    "is_paused" BOOLEAN NOT NULL DEFAULT false,
    "step" INTEGER NOT NULL DEFAULT 0,
    "step_ms" INTEGER NOT NULL DEFAULT 0,
    "stalled_ms" INTEGER NOT NULL DEFAULT 0,
    "ready_peak" INTEGER NOT NULL DEFAULT 0,
    "gate" JSONB,
    "gate_version" INTEGER NOT NULL DEFAULT 1,
    "created_at_ms" BIGINT NOT NULL,
    "created_by" TEXT NOT NULL,
    "finished_at_ms" BIGINT,

    CONSTRAINT "rollouts_pkey" PRIMARY KEY ("uid")
);

-- CreateIndex
CREATE INDEX "scaling_decisions_service_idx" ON "scaling_decisions"("service_uid", "at_ms");

-- CreateIndex
CREATE INDEX "drills_service_idx" ON "drills"("service_uid", "started_at_ms");

-- CreateIndex
CREATE INDEX "rollouts_service_idx" ON "rollouts"("service_uid", "created_at_ms");

-- AddForeignKey
ALTER TABLE "autoscaler_states" ADD CONSTRAINT "autoscaler_states_service_uid_fkey" FOREIGN KEY ("service_uid") REFERENCES "services"("uid") ON DELETE CASCADE ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "scaling_decisions" ADD CONSTRAINT "scaling_decisions_service_uid_fkey" FOREIGN KEY ("service_uid") REFERENCES "services"("uid") ON DELETE CASCADE ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "spot_locations" ADD CONSTRAINT "spot_locations_service_uid_fkey" FOREIGN KEY ("service_uid") REFERENCES "services"("uid") ON DELETE CASCADE ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "drills" ADD CONSTRAINT "drills_service_uid_fkey" FOREIGN KEY ("service_uid") REFERENCES "services"("uid") ON DELETE CASCADE ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "rollouts" ADD CONSTRAINT "rollouts_service_uid_fkey" FOREIGN KEY ("service_uid") REFERENCES "services"("uid") ON DELETE CASCADE ON UPDATE RESTRICT;

-- What ran before goes on as it was.
UPDATE "services" SET "target_replicas" = "desired_replicas", "stable_version" = "target_version";

-- DropIndex
DROP INDEX "address_reservations_replica_key";

-- CreateIndex
CREATE INDEX "address_reservations_replica_idx" ON "address_reservations"("replica_uid");
