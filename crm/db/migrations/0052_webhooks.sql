-- Addresses that are told of changes, and what was told them.
CREATE TABLE IF NOT EXISTS webhooks (
	workspace_id INT UNSIGNED NOT NULL,
	id BINARY(16) NOT NULL,
	version INT UNSIGNED NOT NULL DEFAULT 1,
	url VARCHAR(500) NOT NULL,
	events VARCHAR(1000) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	secret VARBINARY(32) NOT NULL,
	active TINYINT NOT NULL DEFAULT 1,
	failing_since DATETIME(3) NULL,
	disabled_why VARCHAR(200) NOT NULL DEFAULT '',
	created_at DATETIME(3) NOT NULL,
	created_by BINARY(16) NOT NULL,
	updated_at DATETIME(3) NOT NULL,
	updated_by BINARY(16) NOT NULL,
	PRIMARY KEY (workspace_id, id),
	KEY ix_active (active, workspace_id),
	CONSTRAINT fk_webhooks_workspace FOREIGN KEY (workspace_id) REFERENCES workspaces (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci
-- next
CREATE TABLE IF NOT EXISTS webhook_deliveries (
	workspace_id INT UNSIGNED NOT NULL,
	id BINARY(16) NOT NULL,
	webhook_id BINARY(16) NOT NULL,
	message_id BINARY(16) NOT NULL,
	event VARCHAR(60) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	audit_id BIGINT UNSIGNED NOT NULL DEFAULT 0,
	spread BIGINT UNSIGNED NULL,
	status VARCHAR(12) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	attempts SMALLINT UNSIGNED NOT NULL DEFAULT 0,
	answer SMALLINT UNSIGNED NULL,
	answer_text VARCHAR(500) NOT NULL DEFAULT '',
	fault VARCHAR(300) NOT NULL DEFAULT '',
	took_ms INT UNSIGNED NOT NULL DEFAULT 0,
	created_at DATETIME(3) NOT NULL,
	tried_at DATETIME(3) NULL,
	next_at DATETIME(3) NULL,
	PRIMARY KEY (workspace_id, id),
	UNIQUE KEY uq_spread (workspace_id, webhook_id, spread),
	KEY ix_webhook (workspace_id, webhook_id, id),
	KEY ix_created (created_at),
	CONSTRAINT fk_webhook_deliveries_webhook FOREIGN KEY (workspace_id, webhook_id) REFERENCES webhooks (workspace_id, id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci
