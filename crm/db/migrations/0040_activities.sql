-- What happened, and what it happened to. The rows of one record's timeline
-- lie together and in order: reading it is one range of activity_links' key.
CREATE TABLE IF NOT EXISTS activities (
	workspace_id INT UNSIGNED NOT NULL,
	id BINARY(16) NOT NULL,
	version INT UNSIGNED NOT NULL DEFAULT 1,
	type VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	subject VARCHAR(300) NOT NULL DEFAULT '',
	body MEDIUMTEXT NOT NULL,
	body_length INT UNSIGNED NOT NULL DEFAULT 0,
	occurred_at DATETIME(3) NOT NULL,
	author_id BINARY(16) NULL,
	meta JSON NULL,
	pinned TINYINT NOT NULL DEFAULT 0,
	created_at DATETIME(3) NOT NULL,
	updated_at DATETIME(3) NOT NULL,
	updated_by BINARY(16) NOT NULL,
	deleted_at DATETIME(3) NULL,
	PRIMARY KEY (workspace_id, id),
	KEY ix_occurred (workspace_id, occurred_at, id),
	KEY ix_author (workspace_id, author_id, occurred_at),
	CONSTRAINT fk_activities_workspace FOREIGN KEY (workspace_id) REFERENCES workspaces (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci
-- next
CREATE TABLE IF NOT EXISTS activity_links (
	workspace_id INT UNSIGNED NOT NULL,
	kind VARCHAR(12) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	target_id BINARY(16) NOT NULL,
	occurred_at DATETIME(3) NOT NULL,
	activity_id BINARY(16) NOT NULL,
	type VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	pinned TINYINT NOT NULL DEFAULT 0,
	PRIMARY KEY (workspace_id, kind, target_id, occurred_at, activity_id),
	KEY ix_pinned (workspace_id, kind, target_id, pinned),
	KEY ix_activity (workspace_id, activity_id),
	CONSTRAINT fk_activity_links_activity FOREIGN KEY (workspace_id, activity_id) REFERENCES activities (workspace_id, id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci
