-- Which requests of an Idempotency-Key have changed something, written with the
-- change itself: an answer that is lost must not make the change twice. The first
-- row of the audit log that the request wrote says what it was.
CREATE TABLE IF NOT EXISTS done_requests (
	workspace_id INT UNSIGNED NOT NULL,
	user_id BINARY(16) NOT NULL,
	key_sum BINARY(32) NOT NULL,
	request BINARY(16) NOT NULL,
	audit_id BIGINT UNSIGNED NOT NULL,
	created_at DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
	PRIMARY KEY (workspace_id, user_id, key_sum),
	KEY ix_created (created_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci
