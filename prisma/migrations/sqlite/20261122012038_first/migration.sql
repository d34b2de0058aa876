-- CreateTable
CREATE TABLE "endpoints" (
    "service_uid" TEXT NOT NULL PRIMARY KEY,
    "host" TEXT NOT NULL,
    "port" INTEGER NOT NULL,
    "row_version" INTEGER NOT NULL DEFAULT 1,
    "status" TEXT NOT NULL DEFAULT 'PENDING',
    "status_reason" TEXT NOT NULL DEFAULT '',
    "created_at_ms" BIGINT NOT NULL,
    "released_at_ms" BIGINT,
    CONSTRAINT "endpoints_service_uid_fkey" FOREIGN KEY ("service_uid") REFERENCES "services" ("uid") ON DELETE RESTRICT ON UPDATE RESTRICT
);

-- CreateTable
CREATE TABLE "events" (
    "seq" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "at_ms" BIGINT NOT NULL,
    "kind" TEXT NOT NULL,
    "uid" TEXT NOT NULL,
    "service_name" TEXT NOT NULL,
    "type" TEXT NOT NULL,
    "from_status" TEXT,
    "to_status" TEXT,
    "reason" TEXT NOT NULL,
    "message" TEXT NOT NULL,
    "payload" JSONB NOT NULL,
    "cause" TEXT NOT NULL,
    "actor" TEXT NOT NULL
);

-- CreateTable
CREATE TABLE "event_sequence" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT DEFAULT 1,
    "last_seq" INTEGER NOT NULL DEFAULT 0,
    "floor_seq" INTEGER NOT NULL DEFAULT 0
);

-- CreateTable
CREATE TABLE "infras" (
    "name" TEXT NOT NULL PRIMARY KEY,
    "capabilities" JSONB NOT NULL,
    "capabilities_version" INTEGER NOT NULL DEFAULT 1,
    "capacity" JSONB NOT NULL,
    "capacity_version" INTEGER NOT NULL DEFAULT 1,
    "health" TEXT NOT NULL DEFAULT 'UNKNOWN',
    "health_reason" TEXT NOT NULL DEFAULT '',
    "observed_at_ms" BIGINT NOT NULL
);

-- CreateTable
CREATE TABLE "installation" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT DEFAULT 1,
    "uid" TEXT NOT NULL,
    "epoch" INTEGER NOT NULL DEFAULT 1,
    "fence" INTEGER NOT NULL DEFAULT 0,
    "key_check" TEXT,
    "created_at_ms" BIGINT NOT NULL
);

-- CreateTable
CREATE TABLE "schema_support" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT DEFAULT 1,
    "oldest_program" TEXT NOT NULL
);

-- CreateTable
CREATE TABLE "operations" (
    "uid" TEXT NOT NULL PRIMARY KEY,
    "workspace" TEXT NOT NULL,
    "verb" TEXT NOT NULL,
    "target_kind" TEXT NOT NULL,
    "target_uid" TEXT NOT NULL,
    "target_name" TEXT NOT NULL,
    "row_version" INTEGER NOT NULL DEFAULT 1,
    "status" TEXT NOT NULL DEFAULT 'PENDING',
    "status_reason" TEXT NOT NULL DEFAULT '',
    "phase" TEXT NOT NULL DEFAULT '',
    "requested_by" TEXT NOT NULL,
    "created_at_ms" BIGINT NOT NULL,
    "finished_at_ms" BIGINT,
    CONSTRAINT "operations_uid_fkey" FOREIGN KEY ("uid") REFERENCES "reconciliations" ("uid") ON DELETE RESTRICT ON UPDATE RESTRICT
);

-- CreateTable
CREATE TABLE "planes" (
    "uid" TEXT NOT NULL PRIMARY KEY,
    "role" TEXT NOT NULL,
    "hostname" TEXT NOT NULL,
    "pid" INTEGER NOT NULL,
    "boot_id" TEXT NOT NULL,
    "program" TEXT NOT NULL,
    "fence" INTEGER NOT NULL,
    "started_at_ms" BIGINT NOT NULL,
    "heartbeat_counter" INTEGER NOT NULL DEFAULT 0,
    "heartbeat_at_ms" BIGINT NOT NULL
);

-- CreateTable
CREATE TABLE "reconciliations" (
    "uid" TEXT NOT NULL PRIMARY KEY,
    "kind" TEXT NOT NULL,
    "next_reconcile_at_ms" BIGINT,
    "scheduled_at_ms" BIGINT NOT NULL,
    "lease_owner" TEXT,
    "lease_token" INTEGER NOT NULL DEFAULT 0,
    "lease_fence" INTEGER NOT NULL DEFAULT 0,
    "lease_counter" INTEGER NOT NULL DEFAULT 0,
    "lease_seen_at_ms" BIGINT,
    "claim_count" INTEGER NOT NULL DEFAULT 0,
    "failure_count" INTEGER NOT NULL DEFAULT 0,
    "set_aside_reason" TEXT
);

-- CreateTable
CREATE TABLE "recovery_reports" (
    "uid" TEXT NOT NULL PRIMARY KEY,
    "service_uid" TEXT NOT NULL,
    "at_ms" BIGINT NOT NULL,
    "trigger" TEXT NOT NULL,
    "body" JSONB NOT NULL,
    "body_version" INTEGER NOT NULL
);

-- CreateTable
CREATE TABLE "replicas" (
    "uid" TEXT NOT NULL PRIMARY KEY,
    "service_uid" TEXT NOT NULL,
    "service_name" TEXT NOT NULL,
    "replica_id" INTEGER NOT NULL,
    "version" INTEGER NOT NULL,
    "infra" TEXT NOT NULL,
    "created_at_ms" BIGINT NOT NULL,
    "row_version" INTEGER NOT NULL DEFAULT 1,
    "is_wanted" BOOLEAN NOT NULL DEFAULT true,
    "unwanted_reason" TEXT NOT NULL DEFAULT '',
    "status" TEXT NOT NULL DEFAULT 'PENDING',
    "status_reason" TEXT NOT NULL DEFAULT '',
    "status_changed_at_ms" BIGINT NOT NULL,
    "outcome" TEXT,
    "attempt" INTEGER NOT NULL DEFAULT 0,
    "node_id" TEXT,
    "job_id" TEXT,
    "host" TEXT,
    "port" INTEGER,
    "pid" INTEGER,
    "pid_start_time_ticks" BIGINT,
    "boot_id" TEXT,
    "exit_code" INTEGER,
    "first_ready_at_ms" BIGINT,
    "probe_failures" INTEGER NOT NULL DEFAULT 0,
    "probe_failure_ms" INTEGER NOT NULL DEFAULT 0,
    "starting_ms" INTEGER NOT NULL DEFAULT 0,
    "drain_started_at_ms" BIGINT,
    "unrouted_at_table" INTEGER,
    CONSTRAINT "replicas_uid_fkey" FOREIGN KEY ("uid") REFERENCES "reconciliations" ("uid") ON DELETE RESTRICT ON UPDATE RESTRICT,
    CONSTRAINT "replicas_service_uid_fkey" FOREIGN KEY ("service_uid") REFERENCES "services" ("uid") ON DELETE RESTRICT ON UPDATE RESTRICT
);

-- CreateTable
CREATE TABLE "address_reservations" (
    "host" TEXT NOT NULL,
    "port" INTEGER NOT NULL,
    "replica_uid" TEXT NOT NULL,
    "reserved_at_ms" BIGINT NOT NULL,
    "released_at_table" INTEGER,

    PRIMARY KEY ("host", "port"),
    CONSTRAINT "address_reservations_replica_uid_fkey" FOREIGN KEY ("replica_uid") REFERENCES "replicas" ("uid") ON DELETE RESTRICT ON UPDATE RESTRICT
);

-- CreateTable
CREATE TABLE "request_counts" (
    "service_uid" TEXT NOT NULL,
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

    PRIMARY KEY ("service_uid", "epoch", "slot"),
    CONSTRAINT "request_counts_epoch_fkey" FOREIGN KEY ("epoch") REFERENCES "gateway_cursors" ("epoch") ON DELETE CASCADE ON UPDATE RESTRICT
);

-- CreateTable
CREATE TABLE "gateway_cursors" (
    "epoch" TEXT NOT NULL PRIMARY KEY,
    "last_seq" INTEGER NOT NULL,
    "seen_at_ms" BIGINT NOT NULL
);

-- CreateTable
CREATE TABLE "unfinished_requests" (
    "epoch" TEXT NOT NULL,
    "id" TEXT NOT NULL,
    "service_uid" TEXT NOT NULL,
    "service_name" TEXT NOT NULL,
    "method" TEXT NOT NULL,
    "path" TEXT NOT NULL,
    "replica_uid" TEXT,
    "since_ms" BIGINT NOT NULL,
    "kind" TEXT NOT NULL,
    "reported_at_ms" BIGINT NOT NULL,

    PRIMARY KEY ("epoch", "id")
);

-- CreateTable
CREATE TABLE "route_state" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT DEFAULT 1,
    "version" INTEGER NOT NULL,
    "table" JSONB NOT NULL
);

-- CreateTable
CREATE TABLE "services" (
    "uid" TEXT NOT NULL PRIMARY KEY,
    "workspace" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "living_name" TEXT,
    "created_at_ms" BIGINT NOT NULL,
    "created_by" TEXT NOT NULL,
    "row_version" INTEGER NOT NULL DEFAULT 1,
    "desired_version" INTEGER NOT NULL,
    "desired_replicas" INTEGER NOT NULL,
    "deletion_requested_at_ms" BIGINT,
    "generation" INTEGER NOT NULL DEFAULT 1,
    "status" TEXT NOT NULL DEFAULT 'REPLICA_INIT',
    "status_reason" TEXT NOT NULL DEFAULT '',
    "target_version" INTEGER NOT NULL,
    "latest_ever_ready_version" INTEGER NOT NULL DEFAULT 0,
    "observed_generation" INTEGER NOT NULL DEFAULT 0,
    "next_replica_id" INTEGER NOT NULL DEFAULT 1,
    CONSTRAINT "services_uid_fkey" FOREIGN KEY ("uid") REFERENCES "reconciliations" ("uid") ON DELETE RESTRICT ON UPDATE RESTRICT
);

-- CreateTable
CREATE TABLE "service_versions" (
    "uid" TEXT NOT NULL PRIMARY KEY,
    "service_uid" TEXT NOT NULL,
    "version" INTEGER NOT NULL,
    "spec" JSONB NOT NULL,
    "spec_version" INTEGER NOT NULL,
    "yaml" TEXT NOT NULL,
    "created_at_ms" BIGINT NOT NULL,
    "created_by" TEXT NOT NULL,
    CONSTRAINT "service_versions_service_uid_fkey" FOREIGN KEY ("service_uid") REFERENCES "services" ("uid") ON DELETE CASCADE ON UPDATE RESTRICT
);

-- CreateTable
CREATE TABLE "service_secrets" (
    "service_uid" TEXT NOT NULL,
    "version" INTEGER NOT NULL,
    "name" TEXT NOT NULL,
    "ciphertext" TEXT NOT NULL,

    PRIMARY KEY ("service_uid", "version", "name"),
    CONSTRAINT "service_secrets_service_uid_fkey" FOREIGN KEY ("service_uid") REFERENCES "services" ("uid") ON DELETE CASCADE ON UPDATE RESTRICT
);

-- CreateTable
CREATE TABLE "users" (
    "uid" TEXT NOT NULL PRIMARY KEY,
    "name" TEXT NOT NULL,
    "role" TEXT NOT NULL,
    "created_at_ms" BIGINT NOT NULL
);

-- CreateTable
CREATE TABLE "sessions" (
    "secret_hash" TEXT NOT NULL PRIMARY KEY,
    "uid" TEXT NOT NULL,
    "user_uid" TEXT NOT NULL,
    "created_at_ms" BIGINT NOT NULL,
    "expires_at_ms" BIGINT NOT NULL,
    CONSTRAINT "sessions_user_uid_fkey" FOREIGN KEY ("user_uid") REFERENCES "users" ("uid") ON DELETE CASCADE ON UPDATE RESTRICT
);

-- CreateTable
CREATE TABLE "sign_in_codes" (
    "code_hash" TEXT NOT NULL PRIMARY KEY,
    "user_uid" TEXT NOT NULL,
    "created_at_ms" BIGINT NOT NULL,
    "expires_at_ms" BIGINT NOT NULL,
    CONSTRAINT "sign_in_codes_user_uid_fkey" FOREIGN KEY ("user_uid") REFERENCES "users" ("uid") ON DELETE CASCADE ON UPDATE RESTRICT
);

-- CreateTable
CREATE TABLE "tokens" (
    "uid" TEXT NOT NULL PRIMARY KEY,
    "user_uid" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "secret_hash" TEXT NOT NULL,
    "created_at_ms" BIGINT NOT NULL,
    "last_used_at_ms" BIGINT,
    "revoked_at_ms" BIGINT,
    CONSTRAINT "tokens_user_uid_fkey" FOREIGN KEY ("user_uid") REFERENCES "users" ("uid") ON DELETE CASCADE ON UPDATE RESTRICT
);

-- CreateIndex
CREATE UNIQUE INDEX "endpoints_address_key" ON "endpoints"("host", "port");

-- CreateIndex
CREATE INDEX "events_row_idx" ON "events"("uid", "seq");

-- CreateIndex
CREATE INDEX "events_service_idx" ON "events"("service_name", "seq");

-- CreateIndex
CREATE INDEX "events_type_idx" ON "events"("type", "seq");

-- CreateIndex
CREATE INDEX "operations_target_idx" ON "operations"("target_uid", "created_at_ms");

-- CreateIndex
CREATE INDEX "operations_created_idx" ON "operations"("created_at_ms", "uid");

-- CreateIndex
CREATE INDEX "planes_role_idx" ON "planes"("role", "started_at_ms");

-- CreateIndex
CREATE INDEX "reconciliations_due_idx" ON "reconciliations"("kind", "next_reconcile_at_ms");

-- CreateIndex
CREATE INDEX "reconciliations_lease_idx" ON "reconciliations"("kind", "lease_owner");

-- CreateIndex
CREATE INDEX "recovery_reports_service_idx" ON "recovery_reports"("service_uid", "at_ms");

-- CreateIndex
CREATE INDEX "replicas_status_idx" ON "replicas"("status", "service_uid");

-- CreateIndex
CREATE INDEX "replicas_created_idx" ON "replicas"("created_at_ms", "uid");

-- CreateIndex
CREATE UNIQUE INDEX "replicas_number_key" ON "replicas"("service_uid", "replica_id");

-- CreateIndex
CREATE UNIQUE INDEX "address_reservations_replica_key" ON "address_reservations"("replica_uid");

-- CreateIndex
CREATE INDEX "address_reservations_released_idx" ON "address_reservations"("released_at_table");

-- CreateIndex
CREATE INDEX "request_counts_second_idx" ON "request_counts"("service_uid", "second");

-- CreateIndex
CREATE INDEX "request_counts_epoch_idx" ON "request_counts"("epoch");

-- CreateIndex
CREATE INDEX "gateway_cursors_seen_idx" ON "gateway_cursors"("seen_at_ms");

-- CreateIndex
CREATE INDEX "unfinished_requests_service_idx" ON "unfinished_requests"("service_uid", "reported_at_ms");

-- CreateIndex
CREATE INDEX "services_created_idx" ON "services"("created_at_ms", "uid");

-- CreateIndex
CREATE UNIQUE INDEX "services_living_name_key" ON "services"("workspace", "living_name");

-- CreateIndex
CREATE UNIQUE INDEX "service_versions_number_key" ON "service_versions"("service_uid", "version");

-- CreateIndex
CREATE UNIQUE INDEX "users_name_key" ON "users"("name");

-- CreateIndex
CREATE UNIQUE INDEX "sessions_uid_key" ON "sessions"("uid");

-- CreateIndex
CREATE INDEX "sessions_user_idx" ON "sessions"("user_uid");

-- CreateIndex
CREATE INDEX "sessions_expiry_idx" ON "sessions"("expires_at_ms");

-- CreateIndex
CREATE INDEX "sign_in_codes_user_idx" ON "sign_in_codes"("user_uid");

-- CreateIndex
CREATE INDEX "sign_in_codes_expiry_idx" ON "sign_in_codes"("expires_at_ms");

-- CreateIndex
CREATE UNIQUE INDEX "tokens_secret_key" ON "tokens"("secret_hash");

-- CreateIndex
CREATE INDEX "tokens_user_idx" ON "tokens"("user_uid");
