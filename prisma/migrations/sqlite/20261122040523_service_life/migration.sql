-- CreateTable
CREATE TABLE "autoscaler_states" (
    "service_uid" TEXT NOT NULL PRIMARY KEY,
    "target_replicas" INTEGER NOT NULL,
    "up_ticks" INTEGER NOT NULL DEFAULT 0,
    "down_ticks" INTEGER NOT NULL DEFAULT 0,
    "ticked_at_ms" BIGINT,
    "changed_at_ms" BIGINT,
    CONSTRAINT "autoscaler_states_service_uid_fkey" FOREIGN KEY ("service_uid") REFERENCES "services" ("uid") ON DELETE CASCADE ON UPDATE RESTRICT
);

-- CreateTable
CREATE TABLE "scaling_decisions" (
    "uid" TEXT NOT NULL PRIMARY KEY,
    "service_uid" TEXT NOT NULL,
    "at_ms" BIGINT NOT NULL,
    "from_replicas" INTEGER NOT NULL,
    "to_replicas" INTEGER NOT NULL,
    "reason" TEXT NOT NULL,
    "message" TEXT NOT NULL,
    "terms" JSONB NOT NULL,
    "terms_version" INTEGER NOT NULL,
    CONSTRAINT "scaling_decisions_service_uid_fkey" FOREIGN KEY ("service_uid") REFERENCES "services" ("uid") ON DELETE CASCADE ON UPDATE RESTRICT
);

-- CreateTable
CREATE TABLE "spot_locations" (
    "service_uid" TEXT NOT NULL,
    "infra" TEXT NOT NULL,
    "region" TEXT NOT NULL,
    "zone" TEXT NOT NULL,
    "status" TEXT NOT NULL DEFAULT 'ACTIVE',
    "changed_at_ms" BIGINT NOT NULL,

    PRIMARY KEY ("service_uid", "infra", "region", "zone"),
    CONSTRAINT "spot_locations_service_uid_fkey" FOREIGN KEY ("service_uid") REFERENCES "services" ("uid") ON DELETE CASCADE ON UPDATE RESTRICT
);

-- CreateTable
CREATE TABLE "drills" (
    "uid" TEXT NOT NULL PRIMARY KEY,
    "service_uid" TEXT NOT NULL,
    "service_name" TEXT NOT NULL,
    "target" TEXT NOT NULL,
    "repeats" INTEGER NOT NULL,
    "status" TEXT NOT NULL DEFAULT 'RUNNING',
    "status_reason" TEXT NOT NULL DEFAULT '',
    "started_at_ms" BIGINT NOT NULL,
    "started_by" TEXT NOT NULL,
    "finished_at_ms" BIGINT,
    "result" JSONB,
    "result_version" INTEGER NOT NULL DEFAULT 1,
    CONSTRAINT "drills_service_uid_fkey" FOREIGN KEY ("service_uid") REFERENCES "services" ("uid") ON DELETE CASCADE ON UPDATE RESTRICT
);

-- CreateTable
CREATE TABLE "rollouts" (
    "uid" TEXT NOT NULL PRIMARY KEY,
    "service_uid" TEXT NOT NULL,
    "service_name" TEXT NOT NULL,
    "operation_uid" TEXT NOT NULL,
    "from_version" INTEGER NOT NULL,
    "to_version" INTEGER NOT NULL,
    "mode" TEXT NOT NULL,
    "settings" JSONB NOT NULL,
    "settings_version" INTEGER NOT NULL,
    "row_version" INTEGER NOT NULL DEFAULT 1,
    "status" TEXT NOT NULL DEFAULT 'PROGRESSING',
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
    CONSTRAINT "rollouts_service_uid_fkey" FOREIGN KEY ("service_uid") REFERENCES "services" ("uid") ON DELETE CASCADE ON UPDATE RESTRICT
);

-- AlterTable
ALTER TABLE "installation" ADD COLUMN "restored_at_ms" BIGINT;
ALTER TABLE "installation" ADD COLUMN "restored_from" TEXT NOT NULL DEFAULT '';
ALTER TABLE "operations" ADD COLUMN "details" JSONB;
ALTER TABLE "operations" ADD COLUMN "details_version" INTEGER NOT NULL DEFAULT 1;
ALTER TABLE "replicas" ADD COLUMN "offer_id" TEXT NOT NULL DEFAULT '';
ALTER TABLE "replicas" ADD COLUMN "region" TEXT NOT NULL DEFAULT '';
ALTER TABLE "replicas" ADD COLUMN "zone" TEXT NOT NULL DEFAULT '';
ALTER TABLE "replicas" ADD COLUMN "instance_type" TEXT NOT NULL DEFAULT '';
ALTER TABLE "replicas" ADD COLUMN "accelerator" TEXT NOT NULL DEFAULT '';
ALTER TABLE "replicas" ADD COLUMN "is_spot" BOOLEAN NOT NULL DEFAULT false;
ALTER TABLE "replicas" ADD COLUMN "price_usd_per_hour" REAL NOT NULL DEFAULT 0;
ALTER TABLE "services" ADD COLUMN "is_paused" BOOLEAN NOT NULL DEFAULT false;
ALTER TABLE "services" ADD COLUMN "schedule" JSONB;
ALTER TABLE "services" ADD COLUMN "schedule_version" INTEGER NOT NULL DEFAULT 1;
ALTER TABLE "services" ADD COLUMN "target_replicas" INTEGER NOT NULL DEFAULT 0;
ALTER TABLE "services" ADD COLUMN "stable_version" INTEGER NOT NULL DEFAULT 0;
ALTER TABLE "services" ADD COLUMN "ready_since_ms" BIGINT;
ALTER TABLE "service_versions" ADD COLUMN "task_version" INTEGER NOT NULL DEFAULT 0;
ALTER TABLE "service_versions" ADD COLUMN "content_hash" TEXT NOT NULL DEFAULT '';

-- What ran before goes on as it was.
UPDATE "services" SET "target_replicas" = "desired_replicas", "stable_version" = "target_version";

-- RedefineTables: the version is part of the key now; nothing refers to this table
CREATE TABLE "new_request_counts" (
    "service_uid" TEXT NOT NULL,
    "version" INTEGER NOT NULL DEFAULT 0,
    "epoch" TEXT NOT NULL,
    "slot" INTEGER NOT NULL,
    "second" INTEGER NOT NULL,
    "started" INTEGER NOT NULL,
    "ended" INTEGER NOT NULL,
    "failed" INTEGER NOT NULL,
    "class_2xx" INTEGER NOT NULL,
    "class_3xx" INTEGER NOT NULL,
    "class_4xx" INTEGER NOT NULL,
    "class_5xx" INTEGER NOT NULL,
    "sum_ms" BIGINT NOT NULL,
    "in_flight_peak" INTEGER NOT NULL,
    "parked_peak" INTEGER NOT NULL DEFAULT 0,
    "latency" JSONB,
    "latency_version" INTEGER NOT NULL DEFAULT 1,

    PRIMARY KEY ("service_uid", "version", "epoch", "slot"),
    CONSTRAINT "request_counts_epoch_fkey" FOREIGN KEY ("epoch") REFERENCES "gateway_cursors" ("epoch") ON DELETE CASCADE ON UPDATE RESTRICT
);
INSERT INTO "new_request_counts" ("class_2xx", "class_3xx", "class_4xx", "class_5xx", "ended", "epoch", "failed", "in_flight_peak", "second", "service_uid", "slot", "started", "sum_ms") SELECT "class_2xx", "class_3xx", "class_4xx", "class_5xx", "ended", "epoch", "failed", "in_flight_peak", "second", "service_uid", "slot", "started", "sum_ms" FROM "request_counts";
DROP TABLE "request_counts";
ALTER TABLE "new_request_counts" RENAME TO "request_counts";
CREATE INDEX "request_counts_second_idx" ON "request_counts"("service_uid", "second");
CREATE INDEX "request_counts_epoch_idx" ON "request_counts"("epoch");


-- CreateIndex
CREATE INDEX "scaling_decisions_service_idx" ON "scaling_decisions"("service_uid", "at_ms");

-- CreateIndex
CREATE INDEX "drills_service_idx" ON "drills"("service_uid", "started_at_ms");

-- CreateIndex
CREATE INDEX "rollouts_service_idx" ON "rollouts"("service_uid", "created_at_ms");

-- DropIndex
DROP INDEX "address_reservations_replica_key";

-- CreateIndex
CREATE INDEX "address_reservations_replica_idx" ON "address_reservations"("replica_uid");
