-- What was changed by whom, only ever appended to. Its numbers are also how a
-- client that was away asks what it missed, so they ascend over all workspaces.
CREATE TABLE IF NOT EXISTS audit_log (
	workspace_id INT UNSIGNED NOT NULL,
	id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
	at DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
	actor_id BINARY(16) NULL,
	target_kind VARCHAR(24) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	target_id BINARY(16) NOT NULL,
	version INT UNSIGNED NOT NULL,
	verb VARCHAR(24) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	was JSON NULL,
	became JSON NULL,
	near JSON NULL,
	quiet TINYINT NOT NULL DEFAULT 0,
	request_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
	client VARCHAR(50) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
	PRIMARY KEY (workspace_id, id),
	KEY ix_id (id),
	KEY ix_target (workspace_id, target_kind, target_id, id),
	KEY ix_actor (workspace_id, actor_id, id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci
-- next
-- What a transaction wants done once it is committed. A row lives until it has
-- been handed on, mostly for milliseconds. It is no tenant's table: nobody
-- reads it but the relay, which serves all workspaces; bodies hold ids only.
CREATE TABLE IF NOT EXISTS outbox (
	id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
	topic VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	body JSON NOT NULL,
	created_at DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci
