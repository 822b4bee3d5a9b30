-- A list as somebody wants to see it again. What each user makes of it beyond
-- that, whether it is a favourite or the one to begin with, is their own.
CREATE TABLE IF NOT EXISTS views (
	workspace_id INT UNSIGNED NOT NULL,
	id BINARY(16) NOT NULL,
	version INT UNSIGNED NOT NULL DEFAULT 1,
	kind VARCHAR(12) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	name VARCHAR(60) NOT NULL,
	owner_id BINARY(16) NOT NULL,
	shared TINYINT NOT NULL,
	filter JSON NULL,
	sort VARCHAR(200) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
	columns_shown JSON NULL,
	layout VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT 'table',
	group_by VARCHAR(50) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
	created_at DATETIME(3) NOT NULL,
	updated_at DATETIME(3) NOT NULL,
	updated_by BINARY(16) NOT NULL,
	PRIMARY KEY (workspace_id, id),
	KEY ix_owner (workspace_id, kind, owner_id),
	CONSTRAINT fk_views_workspace FOREIGN KEY (workspace_id) REFERENCES workspaces (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci
-- next
CREATE TABLE IF NOT EXISTS view_marks (
	workspace_id INT UNSIGNED NOT NULL,
	user_id BINARY(16) NOT NULL,
	view_id BINARY(16) NOT NULL,
	favourite TINYINT NOT NULL,
	is_default TINYINT NOT NULL,
	PRIMARY KEY (workspace_id, user_id, view_id),
	KEY ix_view (workspace_id, view_id),
	CONSTRAINT fk_view_marks_view FOREIGN KEY (workspace_id, view_id) REFERENCES views (workspace_id, id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci
