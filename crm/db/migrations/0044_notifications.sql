-- What a user is told: that somebody named them, gave them a task, that a
-- reminder is due, that an import has finished. unread is 1 or NULL, so that
-- counting what is unread reads no more than that.
CREATE TABLE IF NOT EXISTS notifications (
	workspace_id INT UNSIGNED NOT NULL,
	id BINARY(16) NOT NULL,
	user_id BINARY(16) NOT NULL,
	kind VARCHAR(24) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	title VARCHAR(300) NOT NULL,
	target_kind VARCHAR(12) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
	target_id BINARY(16) NULL,
	actor_id BINARY(16) NULL,
	created_at DATETIME(3) NOT NULL,
	read_at DATETIME(3) NULL,
	unread TINYINT AS (IF(read_at IS NULL, 1, NULL)) STORED,
	PRIMARY KEY (workspace_id, id),
	KEY ix_user (workspace_id, user_id, id),
	KEY ix_unread (workspace_id, user_id, unread, id),
	CONSTRAINT fk_notifications_workspace FOREIGN KEY (workspace_id) REFERENCES workspaces (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci
