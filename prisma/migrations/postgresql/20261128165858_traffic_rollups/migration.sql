-- CreateTable
CREATE TABLE "traffic_rollups" (
    "service_uid" TEXT NOT NULL,
    "step_seconds" INTEGER NOT NULL,
    "start_second" INTEGER NOT NULL,
    "version" INTEGER NOT NULL,
    "replica_id" INTEGER NOT NULL,
    "ended" INTEGER NOT NULL,
    "failed" INTEGER NOT NULL,
    "class_2xx" INTEGER NOT NULL,
    "class_3xx" INTEGER NOT NULL,
    "class_4xx" INTEGER NOT NULL,
    "class_5xx" INTEGER NOT NULL,
    "sum_ms" BIGINT NOT NULL,
    "in_flight" INTEGER NOT NULL,
    "latency_0" INTEGER NOT NULL,
    "latency_1" INTEGER NOT NULL,
    "latency_2" INTEGER NOT NULL,
    "latency_3" INTEGER NOT NULL,
    "latency_4" INTEGER NOT NULL,
    "latency_5" INTEGER NOT NULL,
    "latency_6" INTEGER NOT NULL,
    "latency_7" INTEGER NOT NULL,
    "latency_8" INTEGER NOT NULL,
    "latency_9" INTEGER NOT NULL,
    "latency_10" INTEGER NOT NULL,
    "latency_11" INTEGER NOT NULL,
    "latency_12" INTEGER NOT NULL,
    "latency_13" INTEGER NOT NULL,
    "latency_14" INTEGER NOT NULL,
    "latency_15" INTEGER NOT NULL,

    CONSTRAINT "traffic_rollups_pkey" PRIMARY KEY ("service_uid","step_seconds","start_second","version","replica_id")
);

-- CreateTable
CREATE TABLE "traffic_coverage" (
    "from_second" INTEGER NOT NULL,
    "to_second" INTEGER NOT NULL,

    CONSTRAINT "traffic_coverage_pkey" PRIMARY KEY ("from_second")
);

-- CreateIndex
CREATE INDEX "traffic_rollups_start_idx" ON "traffic_rollups"("step_seconds", "start_second");

-- CreateIndex
CREATE INDEX "traffic_coverage_to_idx" ON "traffic_coverage"("to_second");
